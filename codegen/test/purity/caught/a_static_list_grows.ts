// expect: impure-global at line 9
import { cmd, StateMachine } from 'decoraft';

export class Global21 extends StateMachine {
  static readonly log: string[] = [];
  private size = 0;

  @cmd add(item: string): void {
    Global21.log.push(item);
    this.size += 1;
  }
}
