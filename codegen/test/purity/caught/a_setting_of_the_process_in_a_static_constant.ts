// expect: impure-environment at line 5
import { cmd, StateMachine } from 'decoraft';

class Limits {
  static readonly items = Number(process.env['ITEMS'] ?? 10);
}

export class Environment22 extends StateMachine {
  private size = 0;

  @cmd add(): void {
    if (this.size < Limits.items) this.size += 1;
  }
}
