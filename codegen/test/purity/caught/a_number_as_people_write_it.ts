// expect: impure-locale at line 8
import { cmd, StateMachine } from 'decoraft';

export class Locale3 extends StateMachine {
  private text = '';

  @cmd set(value: number): void {
    this.text = value.toLocaleString();
  }
}
