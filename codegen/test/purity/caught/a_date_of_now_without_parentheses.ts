// expect: impure-clock at line 9
import { cmd, StateMachine } from 'decoraft';

export class Clock6 extends StateMachine {
  private at: Date | undefined;

  @cmd touch(): void {
    // prettier-ignore
    this.at = new (Date);
  }
}
