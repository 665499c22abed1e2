// expect: impure-clock at line 10
import { cmd, StateMachine } from 'decoraft';

interface Clock {
  now(): number;
}

class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }
}

const clock: Clock = new SystemClock();

export class Clock47 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = clock.now();
  }
}
