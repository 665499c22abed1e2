// expect: query-changes-state at line 12
import { cmd, qry, StateMachine } from 'decoraft';

export class Query10 extends StateMachine {
  private list: number[] = [];

  @cmd put(value: number): void {
    this.list.push(value);
  }

  @qry get(): number {
    return Array.prototype.push.call(this.list, 1);
  }
}
