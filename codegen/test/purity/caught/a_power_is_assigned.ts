// expect: impure-float at line 8
import { cmd, StateMachine } from 'decoraft';

export class Float5 extends StateMachine {
  private root = 2;

  @cmd take(): void {
    this.root **= 0.5;
  }
}
