// expect: impure-timer at line 8
import { cmd, StateMachine } from 'decoraft';

abstract class Deferring extends StateMachine {
  protected readonly defer = 0;

  protected later(run: () => void): void {
    setImmediate(run);
  }
}

export class Timer4 extends Deferring {
  private done = 0;

  @cmd start(): void {
    this.later(() => this.done++);
  }
}
