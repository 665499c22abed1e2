// expect: impure-io at line 9
import { cmd, StateMachine } from 'decoraft';
import { execSync } from 'node:child_process';

export class Io4 extends StateMachine {
  private text = '';

  @cmd load(): void {
    this.text = execSync('hostname').toString();
  }
}
