// expect: impure-clock at line 10
import { cmd, StateMachine } from 'decoraft';

const Calendar = Date;

export class Clock9 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = new Calendar().getTime();
  }
}
