import { cmd, StateMachine } from 'decoraft';

export class FineClock10 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = this.context.time;
  }
}

export class Watcher {
  private readonly since = Date.now();
  private timer: NodeJS.Timeout | undefined;

  async start(touch: () => Promise<void>): Promise<void> {
    this.timer = setInterval(() => void touch(), Math.random() * 1_000);
    await touch();
  }

  stop(): number {
    clearInterval(this.timer);
    return Date.now() - this.since;
  }
}
