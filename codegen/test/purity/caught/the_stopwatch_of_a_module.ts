// expect: impure-clock at line 9
import { cmd, StateMachine } from 'decoraft';
import { performance } from 'node:perf_hooks';

export class Clock11 extends StateMachine {
  private took = 0;

  @cmd touch(): void {
    this.took += performance.now();
  }
}
