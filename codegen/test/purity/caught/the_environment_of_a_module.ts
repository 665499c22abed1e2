// expect: impure-environment at line 9
import { cmd, StateMachine } from 'decoraft';
import { platform } from 'node:process';

export class Environment3 extends StateMachine {
  private kind = '';

  @cmd load(): void {
    this.kind = platform;
  }
}
