// expect: impure-timer at line 9
import { cmd, StateMachine } from 'decoraft';
import { setInterval as every } from 'node:timers';

export class Timer2 extends StateMachine {
  private done = 0;

  @cmd start(): void {
    every(() => this.done++, 10);
  }
}
