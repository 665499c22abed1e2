// expect: impure-global at line 10
import { cmd, StateMachine } from 'decoraft';

const WORD = /\w+/g;

export class Global12 extends StateMachine {
  private words = 0;

  @cmd read(text: string): void {
    while (WORD.exec(text)) this.words += 1;
  }
}
