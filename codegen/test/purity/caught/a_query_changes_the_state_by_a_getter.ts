// expect: query-changes-state at line 9
import { cmd, qry, StateMachine } from 'decoraft';

export class Query4 extends StateMachine {
  private values: number[] = [];
  private known: number | undefined;

  private get sum(): number {
    return (this.known ??= this.values.reduce((left, right) => left + right, 0));
  }

  @cmd put(value: number): void {
    this.values.push(value);
    this.known = undefined;
  }

  @qry get(): number {
    return this.sum;
  }
}
