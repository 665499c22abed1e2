import { cmd, qry, StateMachine } from 'decoraft';
import { Ledger as FirstLedger } from '../v1/ledger.machine.js';

/** What the first version was, when its state is taken over. */
interface FirstState {
  readonly total: number;
  readonly times: Map<string, number>;
}

/** What was added, as the second version keeps it: a sum for each account, and how often each addition came. */
export class Ledger extends StateMachine {
  static override readonly version = 2;
  private totals = new Map<string, number>();
  private times = new Map<string, number>();

  override previous(): StateMachine {
    return new FirstLedger();
  }

  override migrate(_from: number, { times, total }: FirstState): unknown {
    return { totals: new Map([['all', total]]), times };
  }

  /** Adds once what has this id, to an account. @returns The sum of the account. */
  @cmd add(id: string, amount: number, account = 'all'): number {
    this.times.set(id, (this.times.get(id) ?? 0) + 1);
    const total = (this.totals.get(account) ?? 0) + amount;
    this.totals.set(account, total);
    return total;
  }

  /** Moves an amount from one account to another. @returns The sum of the other. */
  @cmd move(from: string, to: string, amount: number): number {
    this.totals.set(from, (this.totals.get(from) ?? 0) - amount);
    const total = (this.totals.get(to) ?? 0) + amount;
    this.totals.set(to, total);
    return total;
  }

  @qry sum(account = 'all'): number {
    return this.totals.get(account) ?? 0;
  }

  /** Of all that was added, how often it was. */
  @qry additions(): Map<string, number> {
    return this.times;
  }
}
