import { cmd, StateMachine } from 'decoraft';

export class FineClock12 extends StateMachine {
  private line = '';

  /** Never `Date.now()`, never Math.random(). */
  @cmd touch(): void {
    // new Date() would differ, and so would process.env.
    this.line = "Date.now() + Math.random() + await fetch('x')";
    this.line += `${this.line} setTimeout(eval, 1)`;
  }
}
