// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock8 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = globalThis['Date']['now']();
  }
}
