// expect: impure-clock at line 7
import { cmd, StateMachine } from 'decoraft';

export class Clock12 extends StateMachine {
  private at = 0;

  @cmd touch(at: number = Date.now()): void {
    this.at = at;
  }
}
