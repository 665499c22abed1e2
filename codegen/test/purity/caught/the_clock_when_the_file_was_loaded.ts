// expect: impure-clock at line 4
import { cmd, StateMachine } from 'decoraft';

const STARTED = Date.now();

export class Clock24 extends StateMachine {
  private uptime = 0;

  @cmd touch(): void {
    this.uptime = this.context.time - STARTED;
  }
}
