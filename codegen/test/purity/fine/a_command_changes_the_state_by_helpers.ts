import { cmd, event, qry, StateMachine, sub } from 'decoraft';

export class FineQuery6 extends StateMachine {
  private list: number[] = [];

  @sub onPut = event<() => number>();

  @cmd put(value: number): number {
    this.keep(value);
    insert(this.list, value);
    this.onPut().notify(value);
    return this.smallest() ?? 0;
  }

  @qry smallest(): number | undefined {
    return this.list[0];
  }

  private keep(value: number): void {
    this.list = [...this.list, value];
  }
}

function insert(list: number[], value: number): void {
  list.push(value);
  list.sort((left, right) => left - right);
}
