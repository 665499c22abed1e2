// expect: impure-clock at line 5
import { cmd, StateMachine } from 'decoraft';

enum Start {
  at = new Date().getTime(),
}

export class Clock53 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = Start.at;
  }
}
