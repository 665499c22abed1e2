// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock1 extends StateMachine {
  private at = 0;

  @cmd touch(): number {
    this.at = Date.now();
    return this.at;
  }
}
