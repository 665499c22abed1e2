// expect: impure-locale at line 8
import { cmd, StateMachine } from 'decoraft';

export class Locale6 extends StateMachine {
  private due: Date | undefined;

  @cmd set(year: number, month: number): void {
    this.due = new Date(year, month, 1);
  }
}
