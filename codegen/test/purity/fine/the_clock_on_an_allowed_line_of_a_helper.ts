import { cmd, StateMachine } from 'decoraft';
import { measure } from './the_clock_on_an_allowed_line_of_a_helper.helper.js';

export class FineClock16 extends StateMachine {
  private calls = 0;

  @cmd touch(): void {
    measure(() => (this.calls += 1));
  }
}
