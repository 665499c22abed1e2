// expect: allow-without-reason at line 8
import { cmd, StateMachine } from 'decoraft';

export class Allow1 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    // decoraft-allow impure-clock
    this.at = Date.now();
  }
}
