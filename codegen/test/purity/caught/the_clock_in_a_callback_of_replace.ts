// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock50 extends StateMachine {
  private line = '';

  @cmd write(text: string): void {
    this.line = text.replace(/now/g, () => String(Date.now()));
  }
}
