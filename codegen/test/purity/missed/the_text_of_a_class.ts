// expect: impure-code at line 8
import { cmd, StateMachine } from 'decoraft';

export class Code21 extends StateMachine {
  private text = '';

  @cmd run(): void {
    this.text = String(Code21);
  }
}
