// expect: impure-environment at line 8
import { cmd, StateMachine } from 'decoraft';

export class Environment20 extends StateMachine {
  private pid = 0;

  @cmd load(): void {
    this.pid = globalThis.process?.pid ?? 0;
  }
}
