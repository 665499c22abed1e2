// expect: impure-code at line 11
import { cmd, StateMachine } from 'decoraft';

export class Code3 extends StateMachine {
  private failure = '';

  @cmd run(): void {
    try {
      this.work();
    } catch (thrown) {
      if (thrown instanceof Error) this.failure = thrown.stack ?? '';
    }
  }

  private work(): void {
    throw new Error('no work');
  }
}
