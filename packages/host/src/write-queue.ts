import { assertInvariant } from '@decoraft/base';
import type { AppendBatch, LogStore, Ready } from '@decoraft/raft';

/** A ready on its way to the disk. */
export interface Write {
  readonly ready: Ready;
  /** What of it is written. */
  readonly batch: AppendBatch;
}

/**
 * Readies from the core to the disk, in their order. One that has nothing to write waits for those before it: what it
 * answers may speak for them.
 */
export class WriteQueue {
  readonly #log: LogStore;
  readonly #durable: (write: Write) => void;
  readonly #failed: (error: unknown) => void;
  readonly #writing: Write[] = [];

  /**
   * @param durable Called for each write in turn, also for those that had nothing to write. May not throw.
   * @param failed The disk failed; nothing that is under way will be durable.
   */
  constructor(log: LogStore, durable: (write: Write) => void, failed: (error: unknown) => void) {
    this.#log = log;
    this.#durable = durable;
    this.#failed = failed;
  }

  add(write: Write): void {
    this.#writing.push(write);
    if (isEmpty(write)) {
      if (this.#writing[0] === write) this.#advance(write);
      return;
    }
    this.#log.append(write.batch).then(
      () => this.#advance(write),
      (error: unknown) => this.#failed(error),
    );
  }

  /** A write is durable, and with it all that was taken before it and those behind it that had nothing to write. */
  #advance(written: Write): void {
    assertInvariant(
      this.#writing[0] === written,
      'writes become durable in the order in which they were made',
    );
    do {
      const write = this.#writing.shift();
      if (write) this.#durable(write);
    } while (this.#writing[0] && isEmpty(this.#writing[0]));
  }
}

function isEmpty({ batch }: Write): boolean {
  return batch.entries.length === 0 && !batch.hardState && !batch.snapshot;
}
