// expect: impure-await at line 8
import { cmd, qry, StateMachine } from 'decoraft';

export class Await3 extends StateMachine {
  private total = 0;

  @cmd add(values: number[]): void {
    values.forEach(async (value) => {
      this.total += value;
    });
  }

  @qry get(): number {
    return this.total;
  }
}
