import { cmd, event, qry, StateMachine, sub } from '@decoraft/state-machine';

/** A command, and where it stands in the log. */
export interface Place {
  readonly index: number;
  /** The name that its client gave it. */
  readonly command: string;
}

/** A command that was executed. */
export interface Execution extends Place {
  /** The key whose text it changed. */
  readonly changed: string | null;
}

/**
 * What Decoraft is tried with where the user brings no machine: texts with compare-and-set, counters, and events.
 * Every command carries a name of its own, and the machine keeps a list of all that it executed.
 */
export class Ledger extends StateMachine {
  readonly executed: Execution[] = [];
  private readonly texts = new Map<string, string>();
  private readonly counters = new Map<string, number>();

  /** Every change of the text under a key. */
  @sub onText = event<(key: string) => Place>();

  /** Sets a text and returns the one before. */
  @cmd set(command: string, key: string, text: string): string | undefined {
    const previous = this.texts.get(key);
    this.change(command, key, text);
    return previous;
  }

  /** Sets a text where it is `expected`; whether it was. */
  @cmd compareAndSet(command: string, key: string, expected: string | undefined, text: string): boolean {
    const isExpected = this.texts.get(key) === expected;
    if (isExpected) this.change(command, key, text);
    else this.write(command, null);
    return isExpected;
  }

  /** Adds to a counter and returns its new value. */
  @cmd add(command: string, counter: string, amount: number): number {
    this.write(command, null);
    const sum = this.count(counter) + amount;
    this.counters.set(counter, sum);
    return sum;
  }

  @qry text(key: string): string | undefined {
    return this.texts.get(key);
  }

  @qry count(counter: string): number {
    return this.counters.get(counter) ?? 0;
  }

  private change(command: string, key: string, text: string): void {
    this.write(command, key);
    this.texts.set(key, text);
    this.onText(key).notify({ index: this.context.index, command });
  }

  private write(command: string, changed: string | null): void {
    this.executed.push({ index: this.context.index, command, changed });
  }
}
