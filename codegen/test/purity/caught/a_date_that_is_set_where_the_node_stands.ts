// expect: impure-locale at line 9
import { cmd, StateMachine } from 'decoraft';

export class Locale9 extends StateMachine {
  private due = new Date(0);

  @cmd tomorrow(): void {
    const due = new Date(this.context.time);
    due.setHours(24, 0, 0, 0);
    this.due = due;
  }
}
