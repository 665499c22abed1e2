// expect: impure-locale at line 9
import { cmd, StateMachine } from 'decoraft';

export class Locale8 extends StateMachine {
  private line = '';

  @cmd tick(): void {
    const at = new Date(this.context.time);
    this.line = `at ${at}`;
  }
}
