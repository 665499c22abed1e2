// expect: impure-locale at line 8
import { cmd, StateMachine } from 'decoraft';

export class Locale22 extends StateMachine {
  private line = '';

  @cmd tick(): void {
    this.line = String(new Date(this.context.time));
  }
}
