// expect: query-changes-state at line 16
// expect: query-changes-state at line 17
import { cmd, qry, StateMachine } from 'decoraft';

export class Query22 extends StateMachine {
  private value = 0;
  private list: number[] = [];

  @cmd put(value: number): void {
    this.value = value;
  }

  @qry get(): number {
    const self = this;
    const change = (): void => {
      self.value += 1;
      self.list.length = 0;
    };
    change();
    return this.value;
  }
}
