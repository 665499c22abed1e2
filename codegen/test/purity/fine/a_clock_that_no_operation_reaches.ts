import { cmd, StateMachine } from 'decoraft';

export class FineClock8 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = this.context.time;
  }
}

export function uptime(since: number): number {
  return Date.now() - since;
}
