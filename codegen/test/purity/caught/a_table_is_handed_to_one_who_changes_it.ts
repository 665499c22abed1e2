// expect: impure-global at line 10
import { cmd, StateMachine } from 'decoraft';

const COUNTS: Record<string, number> = {};

export class Global22 extends StateMachine {
  private size = 0;

  @cmd add(item: string): void {
    bump(COUNTS, item);
    this.size += 1;
  }
}

function bump(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
