// expect: impure-clock at line 16
import { cmd, StateMachine } from 'decoraft';

abstract class Template extends StateMachine {
  protected at = 0;

  @cmd touch(): void {
    this.at = this.now();
  }

  protected abstract now(): number;
}

export class Clock19 extends Template {
  protected override now(): number {
    return Date.now();
  }
}
