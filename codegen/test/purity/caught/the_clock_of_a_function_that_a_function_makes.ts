// expect: impure-clock at line 4
import { cmd, StateMachine } from 'decoraft';

const clockOf = (offset: number) => () => Date.now() + offset;

export class Clock46 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = clockOf(3)();
  }
}
