// expect: impure-clock at line 10
import { cmd, StateMachine } from 'decoraft';

const now = Date.now;

export class Clock4 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = now();
  }
}
