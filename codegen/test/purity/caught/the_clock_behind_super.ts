// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

abstract class Timed extends StateMachine {
  protected at = 0;

  protected mark(): void {
    this.at = Date.now();
  }
}

export class Clock20 extends Timed {
  protected override mark(): void {
    super.mark();
    this.at += 1;
  }

  @cmd touch(): void {
    this.mark();
  }
}
