// expect: impure-io at line 15
import { cmd, StateMachine } from 'decoraft';
import * as files from 'fs';

export class Io2 extends StateMachine {
  private size = 0;

  @cmd save(text: string): void {
    this.size = text.length;
    persist(text);
  }
}

function persist(text: string): void {
  files.appendFileSync('/tmp/log', text);
}
