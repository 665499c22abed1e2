// expect: impure-clock at line 6
import { cmd, StateMachine } from 'decoraft';

class Stamp {
  toString(): string {
    return `${Date.now()}`;
  }
}

export class Clock40 extends StateMachine {
  private line = '';

  @cmd touch(): void {
    this.line = `at ${new Stamp()}`;
  }
}
