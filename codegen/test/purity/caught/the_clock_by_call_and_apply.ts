// expect: impure-clock at line 5
import { cmd, StateMachine } from 'decoraft';

function stamp(by: number): number {
  return by + Date.now();
}

export class Clock44 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = stamp.call(undefined, 3);
  }
}
