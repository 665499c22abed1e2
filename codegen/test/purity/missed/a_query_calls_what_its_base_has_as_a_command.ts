// expect: query-changes-state at line 15
import { cmd, qry, StateMachine } from 'decoraft';

abstract class Writable extends StateMachine {
  protected value = 0;

  @cmd put(value: number): number {
    this.value = value;
    return value;
  }
}

export class Query24 extends Writable {
  @qry get(): number {
    return super.put(3);
  }
}
