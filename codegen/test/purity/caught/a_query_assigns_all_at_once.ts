// expect: query-changes-state at line 12
import { cmd, qry, StateMachine } from 'decoraft';

export class Query5 extends StateMachine {
  private value = 0;

  @cmd put(value: number): void {
    this.value = value;
  }

  @qry get(): number {
    Object.assign(this, { value: 1 });
    return this.value;
  }
}
