import { cmd, StateMachine } from 'decoraft';

const WORD = /^\w+$/;

export class FineGlobal12 extends StateMachine {
  private words: string[] = [];

  @cmd read(text: string): void {
    if (WORD.test(text)) this.words.push(text);
    this.words.push(...text.split(/\s+/g), ...(text.match(/\d+/g) ?? []), text.replaceAll(/a/g, 'b'));
  }
}
