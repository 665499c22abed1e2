// expect: impure-clock at line 9
import { cmd, StateMachine } from 'decoraft';

export class Allow3 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    // decoraft-allow impure-random: the clock is not random
    this.at = Date.now();
  }
}
