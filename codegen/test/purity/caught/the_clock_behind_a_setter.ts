// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock15 extends StateMachine {
  private at = 0;

  private set touched(by: number) {
    this.at = by + Date.now();
  }

  @cmd touch(): void {
    this.touched = 3;
  }
}
