import { cmd, DecoraftError, event, qry, StateMachine, sub } from 'decoraft';

/**
 * A whole number that many count: safe integers, from -(2^53 - 1) to 2^53 - 1. What would leave them is an error, and
 * changes nothing: no count is ever lost in silence.
 */
export class Counter extends StateMachine {
  private count = 0;

  /** It is another number now. */
  @sub onChanged = event<() => number>();

  /** @returns The number. */
  @qry get(): number {
    return this.count;
  }

  /**
   * Adds.
   *
   * @param by A safe integer, which may be negative; 1 by default.
   * @returns The number that it is now.
   * @throws DecoraftError `CommandRejected`, with `data.code` `InvalidArgument` where `by` is no safe integer, and
   * `Overloaded` where the sum is none: then nothing has changed.
   */
  @cmd increment(by = 1): number {
    return this.add(by);
  }

  /**
   * Takes away.
   *
   * @param by A safe integer, which may be negative; 1 by default.
   * @returns The number that it is now.
   * @throws DecoraftError as `increment` does.
   */
  @cmd decrement(by = 1): number {
    return this.add(-by);
  }

  /**
   * Begins anew.
   *
   * @param to A safe integer; 0 by default.
   * @returns What it was before.
   * @throws DecoraftError `CommandRejected`, with `data.code` `InvalidArgument` where `to` is no safe integer.
   */
  @cmd reset(to = 0): number {
    const previous = this.count;
    this.become(requireWhole(to));
    return previous;
  }

  /**
   * Sets the number if it is what is expected.
   *
   * @returns Whether it was.
   * @throws DecoraftError `CommandRejected`, with `data.code` `InvalidArgument` where `to` is no safe integer.
   */
  @cmd compareAndSet(expected: number, to: number): boolean {
    requireWhole(to);
    if (this.count !== expected) return false;
    this.become(to);
    return true;
  }

  private add(by: number): number {
    const sum = this.count + requireWhole(by);
    if (!Number.isSafeInteger(sum)) {
      throw new DecoraftError('Overloaded', `${this.count} and ${by} make no safe integer`);
    }
    this.become(sum);
    return sum;
  }

  private become(next: number): void {
    // There is no -0 to be told from 0.
    const count = next + 0;
    if (count === this.count) return;
    this.count = count;
    this.onChanged().notify(count);
  }
}

function requireWhole(given: number): number {
  if (Number.isSafeInteger(given)) return given;
  throw new DecoraftError('InvalidArgument', `${given} is no safe integer`);
}
