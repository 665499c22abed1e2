// expect: impure-global at line 10
import { cmd, StateMachine } from 'decoraft';

const NAMES = ['b', 'a'];

export class Global26 extends StateMachine {
  private first = '';

  @cmd take(): void {
    this.first = NAMES.sort()[0] ?? '';
  }
}
