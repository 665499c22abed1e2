// expect: impure-global at line 9
import { cmd, StateMachine } from 'decoraft';

export class Global6 extends StateMachine {
  static total = 0;
  private own = 0;

  @cmd add(): number {
    Global6.total += 1;
    return ++this.own;
  }
}
