// expect: query-changes-state at line 9
// expect: query-changes-state at line 17
import { cmd, qry, StateMachine } from 'decoraft';

export class Query3 extends StateMachine {
  private total = 0;

  private set last(value: number) {
    this.total = value;
  }

  @cmd put(value: number): void {
    this.total = value;
  }

  @qry get(): number {
    this.last = 3;
    return 1;
  }
}
