// expect: impure-clock at line 13
import { cmd, StateMachine } from 'decoraft';

export class Clock26 extends StateMachine {
  private times: number[] = [];

  @cmd touch(): void {
    this.times.push(...ticks(2));
  }
}

function* ticks(count: number): Generator<number> {
  for (let at = 0; at < count; at++) yield Date.now() + at;
}
