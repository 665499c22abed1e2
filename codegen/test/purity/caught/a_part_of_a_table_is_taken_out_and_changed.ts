// expect: impure-global at line 10
import { cmd, StateMachine } from 'decoraft';

const STATE = { seen: [] as string[] };

export class Global23 extends StateMachine {
  private size = 0;

  @cmd add(item: string): void {
    const { seen } = STATE;
    seen.push(item);
    this.size += 1;
  }
}
