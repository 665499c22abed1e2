// expect: impure-locale at line 9
import { cmd, StateMachine } from 'decoraft';

export class Locale21 extends StateMachine {
  private line = '';

  @cmd tick(): void {
    const date = new Date(this.context.time);
    this.line = 'at ' + date;
  }
}
