// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock5 extends StateMachine {
  private at: Date | undefined;

  @cmd touch(): void {
    this.at = new Date();
  }
}
