// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

abstract class Stamped extends StateMachine {
  protected at = 0;

  protected stamp(): void {
    this.at = Date.now();
  }
}

export class Clock18 extends Stamped {
  @cmd touch(): void {
    this.stamp();
  }
}
