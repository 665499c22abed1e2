// expect: impure-global at line 10
import { cmd, StateMachine } from 'decoraft';

const seen: string[] = [];

export class Global2 extends StateMachine {
  private count = 0;

  @cmd add(item: string): void {
    seen.push(item);
    this.count += 1;
  }
}
