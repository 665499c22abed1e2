// expect: impure-clock at line 10
import { cmd, StateMachine } from 'decoraft';

const { performance: stopwatch } = globalThis;

export class Clock10 extends StateMachine {
  private took = 0;

  @cmd touch(): void {
    this.took = stopwatch.now();
  }
}
