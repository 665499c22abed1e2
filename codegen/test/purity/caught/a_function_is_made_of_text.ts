// expect: impure-code at line 8
import { cmd, StateMachine } from 'decoraft';

export class Code2 extends StateMachine {
  private value = 0;

  @cmd run(text: string): void {
    const compute = new Function('value', text) as (value: number) => number;
    this.value = compute(this.value);
  }
}
