// expect: impure-clock at line 6
import { cmd, StateMachine } from 'decoraft';

class Ticks {
  *[Symbol.iterator](): Iterator<number> {
    yield Date.now();
  }
}

export class Clock41 extends StateMachine {
  private times: number[] = [];

  @cmd touch(): void {
    for (const time of new Ticks()) this.times.push(time);
  }
}
