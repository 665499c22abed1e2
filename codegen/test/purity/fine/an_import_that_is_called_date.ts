import { cmd, StateMachine } from 'decoraft';
import { Date } from './an_import_that_is_called_date.helper.js';

export class FineClock6 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = Date.now();
  }
}
