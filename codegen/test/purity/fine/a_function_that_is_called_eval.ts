import { cmd, StateMachine } from 'decoraft';

export class FineCode3 extends StateMachine {
  private total = 0;

  @cmd run(words: string[]): void {
    this.total = this.eval(words) + evaluate(words);
  }

  private eval(words: string[]): number {
    return words.length;
  }
}

const evaluate = (eval_: readonly string[]): number => eval_.toString().length;
