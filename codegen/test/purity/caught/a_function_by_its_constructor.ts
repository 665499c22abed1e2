// expect: impure-code at line 8
import { cmd, StateMachine } from 'decoraft';

export class Code20 extends StateMachine {
  private value = 0;

  @cmd run(text: string): void {
    this.value = Number(Function(`return ${text}`)());
  }
}
