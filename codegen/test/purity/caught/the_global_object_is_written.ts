// expect: impure-global at line 9
import { cmd, StateMachine } from 'decoraft';

export class Global8 extends StateMachine {
  private own = 0;

  @cmd add(): void {
    this.own += 1;
    (globalThis as { total?: number }).total = this.own;
  }
}
