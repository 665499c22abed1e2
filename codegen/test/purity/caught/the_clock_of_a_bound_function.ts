// expect: impure-clock at line 7
import { cmd, StateMachine } from 'decoraft';

const later = stamp.bind(undefined, 3);

function stamp(by: number): number {
  return by + Date.now();
}

export class Clock43 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = later();
  }
}
