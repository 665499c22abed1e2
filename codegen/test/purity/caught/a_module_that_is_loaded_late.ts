// expect: impure-io at line 9
import { cmd, StateMachine } from 'decoraft';

export class Io20 extends StateMachine {
  private size = 0;

  @cmd load(): void {
    this.size += 1;
    void import('node:fs');
  }
}
