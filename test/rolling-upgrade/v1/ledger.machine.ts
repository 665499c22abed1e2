import { cmd, qry, StateMachine } from 'decoraft';

/** What was added, as the first version keeps it: one sum, and how often each addition came. */
export class Ledger extends StateMachine {
  private total = 0;
  private readonly times = new Map<string, number>();

  /** Adds once what has this id. @returns The sum. */
  @cmd add(id: string, amount: number): number {
    this.times.set(id, (this.times.get(id) ?? 0) + 1);
    this.total += amount;
    return this.total;
  }

  @qry sum(): number {
    return this.total;
  }

  /** Of all that was added, how often it was. */
  @qry additions(): Map<string, number> {
    return this.times;
  }
}
