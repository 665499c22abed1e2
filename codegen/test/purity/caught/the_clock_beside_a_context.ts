// expect: impure-clock at line 9
import { cmd, StateMachine } from 'decoraft';

export class Clock32 extends StateMachine {
  private at = 0;

  @cmd({}) touch(): void {
    const { time: Date_ } = this.context;
    this.at = Date_ + Date.now();
  }
}
