import { cmd, StateMachine } from 'decoraft';

export class FineClock13 extends StateMachine {
  private now = 0;
  private readonly clock = new Map<string, number>();

  @cmd touch(): void {
    this.now += 1;
    const { now } = this;
    this.clock.set('now', now);
  }
}
