import { cmd, event, qry, StateMachine, sub } from 'decoraft';

/** Who sent a command: a client, and its own number for it, counted from 1 in the order in which it issued them. */
export interface Sender {
  client: string;
  number: number;
}

/** What stands under a key, and how it came there. */
export interface Entry {
  /** How often the key was changed: a change gives the next whole number. */
  version: number;
  /** A counter's sum. */
  sum: number;
  /** A text; empty until one is set. */
  text: string;
}

/** A change, as its subscribers hear of it. */
export interface Change extends Entry {
  key: string;
  client: string;
  number: number;
  /** The log index of the command. */
  index: number;
}

/** What a command gives. */
export interface Written extends Entry {
  /** A compare-and-set that met another text changed nothing. */
  isDone: boolean;
  index: number;
}

/** What a query gives. */
export interface Found extends Entry {
  /** The log index of the last command that this copy of the journal has applied. */
  index: number;
}

/** What a journal has seen of one client's commands. */
export interface Witness {
  client: string;
  /** The highest number. */
  last: number;
  /** Numbers below it that never came. */
  skipped: number[];
  /** Numbers that were applied again. */
  twice: number[];
  /** Numbers that were applied behind a higher one. */
  late: number[];
}

/**
 * What the black-box test asks of Decoraft, in so little state that a snapshot costs nothing: texts, counters, events,
 * and for every client a witness of what was applied, how often and in which order.
 */
export class Journal extends StateMachine {
  private readonly entries = new Map<string, Entry>();
  private readonly witnesses = new Map<string, Witness>();
  private lastIndex = 0;

  /** Every change of a key. */
  @sub onChanged = event<(key: string) => Change>();

  @cmd increment(sender: Sender, key: string, amount: number): Written {
    this.note(sender);
    const { sum, text } = this.entry(key);
    return this.change(sender, key, sum + amount, text);
  }

  @cmd set(sender: Sender, key: string, text: string): Written {
    this.note(sender);
    return this.change(sender, key, this.entry(key).sum, text);
  }

  @cmd compareAndSet(sender: Sender, key: string, expected: string, text: string): Written {
    this.note(sender);
    const entry = this.entry(key);
    if (entry.text === expected) return this.change(sender, key, entry.sum, text);
    return { ...entry, isDone: false, index: this.lastIndex };
  }

  @qry read(key: string): Found {
    return { ...this.entry(key), index: this.lastIndex };
  }

  @qry witnessed(): Witness[] {
    return [...this.witnesses.values()];
  }

  private entry(key: string): Entry {
    return this.entries.get(key) ?? { version: 0, sum: 0, text: '' };
  }

  private change({ client, number }: Sender, key: string, sum: number, text: string): Written {
    const entry = { version: this.entry(key).version + 1, sum, text };
    const index = this.lastIndex;
    this.entries.set(key, entry);
    this.onChanged(key).notify({ ...entry, key, client, number, index });
    return { ...entry, isDone: true, index };
  }

  private note({ client, number }: Sender): void {
    this.lastIndex = this.context.index;
    const witness = this.witnesses.get(client) ?? { client, last: 0, skipped: [], twice: [], late: [] };
    this.witnesses.set(client, witness);
    if (number > witness.last) {
      for (let skipped = witness.last + 1; skipped < number; skipped++) witness.skipped.push(skipped);
      witness.last = number;
      return;
    }
    const place = witness.skipped.indexOf(number);
    if (place === -1) {
      witness.twice.push(number);
    } else {
      witness.skipped.splice(place, 1);
      witness.late.push(number);
    }
  }
}
