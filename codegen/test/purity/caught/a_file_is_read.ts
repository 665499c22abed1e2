// expect: impure-io at line 9
import { cmd, StateMachine } from 'decoraft';
import { readFileSync } from 'node:fs';

export class Io1 extends StateMachine {
  private text = '';

  @cmd load(path: string): void {
    this.text = readFileSync(path, 'utf8');
  }
}
