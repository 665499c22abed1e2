// expect: impure-clock at line 12
import { cmd, StateMachine } from 'decoraft';

export class Clock13 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = later(5);
  }
}

function later(by: number, { from = Date.now() } = {}): number {
  return from + by;
}
