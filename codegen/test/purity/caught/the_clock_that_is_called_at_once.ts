// expect: impure-clock at line 11
import { cmd, StateMachine } from 'decoraft';

export class Clock52 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = (() => {
      switch (this.at) {
        case 0:
          return Date.now();
        default:
          return this.at;
      }
    })();
  }
}
