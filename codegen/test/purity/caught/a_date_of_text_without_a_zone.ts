// expect: impure-locale at line 8
import { cmd, StateMachine } from 'decoraft';

export class Locale20 extends StateMachine {
  private at = 0;

  @cmd set(): void {
    this.at = Date.parse('2024-02-29 10:00');
  }
}
