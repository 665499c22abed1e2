import { cmd, StateMachine } from 'decoraft';

type Clock = typeof Date.now;
type Started = ReturnType<typeof performance.now>;

export class FineClock11 extends StateMachine {
  private at: Started = 0;

  @cmd touch(): void {
    this.at = read(() => this.context.time);
  }
}

function read(clock: Clock): number {
  return clock();
}
