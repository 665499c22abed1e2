// expect: impure-code at line 8
import { cmd, StateMachine } from 'decoraft';

export class Code6 extends StateMachine {
  private count = 0;

  @cmd run(): void {
    const registry = new FinalizationRegistry(() => this.count++);
    registry.register({}, 1);
  }
}
