import { cmd, StateMachine } from 'decoraft';

export class FineClock15 extends StateMachine {
  private calls = 0;

  @cmd touch(): void {
    this.calls += 1;
    // decoraft-allow impure-clock: only measured, never kept
    const before = Date.now();
    void (Date.now() - before); // decoraft-allow impure-clock: only measured, never kept
  }
}
