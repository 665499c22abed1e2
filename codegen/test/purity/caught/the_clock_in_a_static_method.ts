// expect: impure-clock at line 6
import { cmd, StateMachine } from 'decoraft';

class Times {
  static now(): number {
    return new Date().valueOf();
  }
}

export class Clock28 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = Times.now();
  }
}
