// expect: impure-global at line 5
import { cmd, StateMachine } from 'decoraft';

function count(): number {
  count.calls += 1;
  return 1;
}
count.calls = 0;

export class Global11 extends StateMachine {
  private own = 0;

  @cmd add(): void {
    this.own += count();
  }
}
