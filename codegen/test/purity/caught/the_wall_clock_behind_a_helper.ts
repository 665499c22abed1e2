// expect: impure-clock at line 13
import { cmd, StateMachine } from 'decoraft';

export class Clock2 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = stamp(3);
  }
}

function stamp(offset: number): number {
  return offset + Date.now();
}
