// expect: impure-clock at line 12
import { cmd, StateMachine } from 'decoraft';

export class Clock31 extends StateMachine {
  private at = 0;

  @cmd touch(): number {
    return this.at;
  }

  override restored(): void {
    this.at = Date.now();
  }
}
