// expect: query-changes-state at line 12
import { cmd, qry, StateMachine } from 'decoraft';

export class Query9 extends StateMachine {
  private value = 0;

  @cmd put(value: number): void {
    this.value = value;
  }

  @qry get(): number {
    Reflect.set(this, 'value', 2);
    return this.value;
  }
}
