// expect: impure-global at line 10
import { cmd, StateMachine } from 'decoraft';

let next = 1;

export class Global1 extends StateMachine {
  private id = 0;

  @cmd take(): number {
    this.id = next++;
    return this.id;
  }
}
