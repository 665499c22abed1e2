import type { KeyValueClient } from '../../examples/key-value/src/generated/key-value.client.js';

const WRITERS = 16;

/** What clients were told, over all rounds. Every key is written once, with itself for a value. */
export class Ledger {
  readonly acknowledged: string[] = [];
  /** Keys that had a value before they were written: a command that was applied twice. */
  readonly twice: string[] = [];
  attempted = 0;
}

/** Clients that write, each its next key when the last one is acknowledged, until they are stopped. */
export class CrashLoad {
  readonly #ledger: Ledger;
  readonly #writers: Promise<unknown>;
  readonly #errors: unknown[] = [];
  #acknowledged = 0;
  #isStopped = false;
  #noteProgress: () => void = () => undefined;

  constructor(users: KeyValueClient, round: number, ledger: Ledger) {
    this.#ledger = ledger;
    const writers = Array.from({ length: WRITERS }, (_, writer) => this.#write(users, `${round}-${writer}`));
    this.#writers = Promise.all(writers);
  }

  /** Resolves when so many more commands are acknowledged. Throws what a writer met instead. */
  async more(count: number): Promise<void> {
    const goal = this.#acknowledged + count;
    while (this.#acknowledged < goal) {
      if (this.#errors.length > 0) throw new Error('a command failed under load', { cause: this.#errors[0] });
      await new Promise<void>((resolve) => (this.#noteProgress = resolve));
    }
  }

  /** Begins nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Resolves when nothing is under way. What was, and is not acknowledged, may have happened or not. */
  async ended(): Promise<void> {
    await this.#writers;
  }

  async #write(users: KeyValueClient, prefix: string): Promise<void> {
    try {
      for (let number = 0; !this.#isStopped; number++) {
        const key = `${prefix}-${number}`;
        this.#ledger.attempted += 1;
        const previous = await users.set(key, key);
        if (previous !== undefined) this.#ledger.twice.push(key);
        this.#ledger.acknowledged.push(key);
        this.#acknowledged += 1;
        this.#noteProgress();
      }
    } catch (error) {
      this.#errors.push(error);
      this.#noteProgress();
    }
  }
}
