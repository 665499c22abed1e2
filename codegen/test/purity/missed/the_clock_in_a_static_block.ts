// expect: impure-clock at line 8
import { cmd, StateMachine } from 'decoraft';

class Configuration {
  static since = 0;

  static {
    this.since = Date.now();
  }
}

export class Clock48 extends StateMachine {
  private age = 0;

  @cmd touch(): void {
    this.age = this.context.time - Configuration.since;
  }
}
