import { cmd, StateMachine } from 'decoraft';
import type { SomeClient } from './a_method_that_no_operation_reaches.helper.js';

export class FineClock9 extends StateMachine {
  private at = 0;

  @cmd touch(): void {
    this.at = this.context.time;
  }

  static async follow(client: SomeClient): Promise<number> {
    const before = Date.now();
    await client.touch();
    return Date.now() - before;
  }
}
