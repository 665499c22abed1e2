import { cmd, StateMachine } from 'decoraft';

export class FineClock2 extends StateMachine {
  private at = '';
  private day = 0;

  @cmd touch(): void {
    this.at = new Date(this.context.time).toISOString();
    this.day = new Date(this.context.time).getUTCDay();
  }
}
