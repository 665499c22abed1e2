import { cmd, qry, StateMachine } from 'decoraft';

/** A machine whose next version takes all that stands in its log. */
export class Till extends StateMachine {
  private sum = 0;

  @cmd add(amount: number): number {
    return (this.sum += amount);
  }

  @qry total(): number {
    return this.sum;
  }
}
