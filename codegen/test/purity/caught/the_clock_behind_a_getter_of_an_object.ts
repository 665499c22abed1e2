// expect: impure-clock at line 6
import { cmd, StateMachine } from 'decoraft';

const times = {
  get now(): number {
    return Date.now();
  },
};

export class Clock51 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = times.now;
  }
}
