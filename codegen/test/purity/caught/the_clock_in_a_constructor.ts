// expect: impure-clock at line 9
import { cmd, StateMachine } from 'decoraft';

export class Clock17 extends StateMachine {
  private since: number;

  constructor() {
    super();
    this.since = Date.now();
  }

  @cmd age(at: number): number {
    return at - this.since;
  }
}
