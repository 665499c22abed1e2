// expect: impure-locale at line 9
import { cmd, StateMachine } from 'decoraft';

export class Locale24 extends StateMachine {
  private minutes = 0;

  @cmd tick(): void {
    const { context } = this;
    this.minutes = new Date(context.time).getTimezoneOffset();
  }
}
