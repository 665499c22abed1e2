// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

export class Clock7 extends StateMachine {
  private at = '';

  @cmd touch(): void {
    this.at = Date();
  }
}
