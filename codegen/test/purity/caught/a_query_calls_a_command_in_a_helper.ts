// expect: query-changes-state at line 17
import { cmd, qry, StateMachine } from 'decoraft';

export class Query7 extends StateMachine {
  private value = 0;

  @cmd put(value: number): number {
    this.value = value;
    return this.value;
  }

  @qry get(): number {
    return [1, 2].map((value) => this.through(value)).length;
  }

  private through(value: number): number {
    return this.put(value);
  }
}
