// expect: impure-environment at line 9
import { cmd, StateMachine } from 'decoraft';
import os from 'os';

export class Environment21 extends StateMachine {
  private size = 0;

  @cmd load(): void {
    this.size = os.cpus().length;
  }
}
