import { cmd, qry, StateMachine } from 'decoraft';

/** Takes all that stands in the log of the one in `v1`. */
export class Till extends StateMachine {
  private sum = 0;

  @cmd add(amount: number, note?: string): number {
    return (this.sum += note === 'twice' ? 2 * amount : amount);
  }

  @qry total(): bigint {
    return BigInt(this.sum);
  }
}
