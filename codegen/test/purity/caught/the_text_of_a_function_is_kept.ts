// expect: impure-code at line 8
import { cmd, StateMachine } from 'decoraft';

export class Code4 extends StateMachine {
  private text = '';

  @cmd run(): void {
    this.text = double.toString();
  }
}

function double(value: number): number {
  return value * 2;
}
