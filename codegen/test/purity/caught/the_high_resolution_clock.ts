// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock54 extends StateMachine {
  private at = 0n;

  @cmd touch(): void {
    this.at = process.hrtime.bigint();
  }
}
