import { cmd, StateMachine } from 'decoraft';

interface Clock {
  now(): number;
}

export class FineClock21 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    const { time } = this.context;
    const clock: Clock = { now: () => time };
    this.at = read(clock);
  }
}

class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }
}

export const systemClock: Clock = new SystemClock();

function read(clock: Clock): number {
  return clock.now();
}
