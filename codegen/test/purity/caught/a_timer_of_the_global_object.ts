// expect: impure-timer at line 8
import { cmd, qry, StateMachine } from 'decoraft';

export class Timer1 extends StateMachine {
  private done = false;

  @cmd start(): void {
    setTimeout(() => {
      this.done = true;
    }, 10);
  }

  @qry isDone(): boolean {
    return this.done;
  }
}
