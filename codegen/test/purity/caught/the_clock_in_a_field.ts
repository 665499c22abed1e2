// expect: impure-clock at line 5
import { cmd, StateMachine } from 'decoraft';

export class Clock16 extends StateMachine {
  private readonly since = Date.now();

  @cmd age(at: number): number {
    return at - this.since;
  }
}
