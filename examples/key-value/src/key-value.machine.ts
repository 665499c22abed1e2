import { cmd, event, qry, StateMachine, sub } from 'decoraft';

/** A replicated map from text to text. */
export class KeyValue extends StateMachine {
  private entries = new Map<string, string>();

  /** Every insertion. */
  @sub onInserted = event<() => { key: string; value: string }>();

  /** Insertions under one key: the new value. */
  @sub onKeyInserted = event<(key: string) => string>();

  /** Sets the value of a key and returns the one that it had before. */
  @cmd set(key: string, value: string): string | undefined {
    const previous = this.entries.get(key);
    this.entries.set(key, value);
    this.onInserted().notify({ key, value });
    this.onKeyInserted(key).notify(value);
    return previous;
  }

  @qry get(key: string): string | undefined {
    return this.entries.get(key);
  }

  @qry size(): number {
    return this.entries.size;
  }
}
