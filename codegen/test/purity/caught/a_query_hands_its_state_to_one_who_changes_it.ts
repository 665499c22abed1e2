// expect: query-changes-state at line 12
import { cmd, qry, StateMachine } from 'decoraft';

export class Query2 extends StateMachine {
  private list: number[] = [];

  @cmd put(value: number): void {
    this.list.push(value);
  }

  @qry smallest(): number | undefined {
    return first(this.list);
  }
}

function first(list: number[]): number | undefined {
  return list.sort((left, right) => left - right)[0];
}
