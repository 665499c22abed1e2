import { cmd, type TimerId, StateMachine } from 'decoraft';

export class FineTimer1 extends StateMachine {
  private timer: TimerId | undefined;
  private rung = 0;

  @cmd set(delayMs: number): void {
    if (this.timer !== undefined) this.cancel(this.timer);
    this.timer = this.schedule(delayMs, 'ring');
  }

  @cmd ring(): void {
    this.timer = undefined;
    this.rung += 1;
  }
}
