import { cmd, StateMachine } from 'decoraft';

export class FineTimer2 extends StateMachine {
  private timeoutMs = 0;

  @cmd setTimeout(timeoutMs: number): void {
    this.timeoutMs = timeoutMs;
  }

  @cmd reset(): void {
    this.setTimeout(0);
    this.setInterval(3);
  }

  private setInterval(intervalMs: number): void {
    this.timeoutMs += intervalMs;
  }
}
