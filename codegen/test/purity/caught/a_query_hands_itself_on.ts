// expect: query-changes-state at line 12
import { cmd, qry, StateMachine } from 'decoraft';

export class Query21 extends StateMachine {
  value = 0;

  @cmd put(value: number): void {
    this.value = value;
  }

  @qry get(): number {
    touch(this);
    return this.value;
  }
}

function touch(machine: Query21): void {
  machine.value += 1;
}
