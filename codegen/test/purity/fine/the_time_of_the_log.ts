import { cmd, StateMachine } from 'decoraft';

export class FineClock1 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = this.context.time;
  }
}
