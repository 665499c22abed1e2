// expect: impure-locale at line 8
import { cmd, StateMachine } from 'decoraft';

export class Locale7 extends StateMachine {
  private line = '';

  @cmd tick(): void {
    this.line = new Date(this.context.time).toString();
  }
}
