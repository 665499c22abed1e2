// expect: query-changes-state at line 14
import { cmd, qry, StateMachine } from 'decoraft';

export class Query11 extends StateMachine {
  private list: number[] = [];

  @cmd put(value: number): void {
    this.list.push(value);
  }

  @qry get(isAll: boolean): number {
    let list: number[] = [];
    if (isAll) list = this.list;
    list.push(3);
    return list.length;
  }
}
