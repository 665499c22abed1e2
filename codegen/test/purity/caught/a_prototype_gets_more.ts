// expect: impure-global at line 9
import { cmd, StateMachine } from 'decoraft';

export class Global27 extends StateMachine {
  private size = 0;

  @cmd extend(): void {
    this.size += 1;
    Object.defineProperty(Array.prototype, 'last', { value: this.size });
  }
}
