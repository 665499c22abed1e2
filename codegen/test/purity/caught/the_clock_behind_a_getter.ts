// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock14 extends StateMachine {
  private at = 0;

  private get now(): number {
    return Date.now();
  }

  @cmd touch(): void {
    this.at = this.now;
  }
}
