// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock42 extends StateMachine {
  private at = 0;

  private get now(): number {
    return Date.now();
  }

  @cmd touch(): void {
    const { now } = this;
    this.at = now;
  }
}
