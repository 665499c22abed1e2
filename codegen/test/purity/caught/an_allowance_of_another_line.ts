// expect: impure-clock at line 10
import { cmd, StateMachine } from 'decoraft';

export class Allow4 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    // decoraft-allow impure-clock: this is the line that it is for
    const at = Date.now();
    this.at = at + Date.now();
  }
}
