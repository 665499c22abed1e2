// expect: impure-timer at line 8
import { cmd, qry, StateMachine } from 'decoraft';

export class Timer3 extends StateMachine {
  private done = false;

  @cmd start(): void {
    globalThis.queueMicrotask(() => (this.done = true));
  }

  @qry isDone(): boolean {
    return this.done;
  }
}
