// expect: query-changes-state at line 16
import { cmd, qry, StateMachine } from 'decoraft';

export class Query1 extends StateMachine {
  private reads = 0;

  @cmd put(): void {
    this.reads = 0;
  }

  @qry get(): number {
    return this.bump();
  }

  private bump(): number {
    return (this.reads += 1);
  }
}
