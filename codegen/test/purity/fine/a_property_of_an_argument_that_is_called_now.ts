import { cmd, StateMachine } from 'decoraft';

export class FineClock14 extends StateMachine {
  private last = 0;

  @cmd touch(request: { now: number; performance: { now: number }; random: number }): void {
    this.last = request.now + request.performance.now + request.random;
  }
}
