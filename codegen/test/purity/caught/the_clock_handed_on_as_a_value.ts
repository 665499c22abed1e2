// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock22 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = apply(Date.now);
  }
}

function apply(read: () => number): number {
  return read();
}
