// expect: allow-without-reason at line 8
import { cmd, StateMachine } from 'decoraft';

export class Allow2 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = Date.now(); // decoraft-allow impure-clock:
  }
}
