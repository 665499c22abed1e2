// expect: impure-code at line 9
// expect: impure-code at line 10
import { cmd, StateMachine } from 'decoraft';

export class Code5 extends StateMachine {
  private count = 0;

  @cmd run(): void {
    const weak = new WeakRef({ value: 1 });
    this.count += weak.deref()?.value ?? 0;
  }
}
