import { cmd, event, qry, StateMachine, sub } from 'decoraft';

/** A map from text to text. Every node has a copy of its fields, and all are equal. */
export class KeyValue extends StateMachine {
  private readonly items = new Map<string, string>();

  /** Whenever a key has got a value: the value. */
  @sub onSet = event<(key: string) => string>();

  /** Sets the value of a key; what it was before. */
  @cmd set(key: string, value: string): string | null {
    const before = this.items.get(key) ?? null;
    this.items.set(key, value);
    this.onSet(key).notify(value);
    return before;
  }

  @qry get(key: string): string | null {
    return this.items.get(key) ?? null;
  }
}
