// expect: query-changes-state at line 19
import { cmd, event, qry, StateMachine, sub } from 'decoraft';

export class Query6 extends StateMachine {
  private value = 0;

  @sub onRead = event<() => number>();

  @cmd put(value: number): void {
    this.value = value;
  }

  @qry get(): number {
    this.tell();
    return this.value;
  }

  private tell(): void {
    this.onRead().notify(1);
  }
}
