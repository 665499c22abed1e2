// expect: query-changes-state at line 17
import { cmd, qry, StateMachine } from 'decoraft';

export class Query23 extends StateMachine {
  private value = 0;

  @cmd put(value: number): void {
    this.value = value;
  }

  @qry get(): number {
    this.again();
    return this.value;
  }

  private again(): void {
    this.schedule(5, 'put', 1);
  }
}
