import type { Deferred } from '@decoraft/base';
import type { SnapshotMetadata } from '@decoraft/raft';
import { CommitBatch } from './commit-batch.js';
import type { LogChange } from './log-change.js';
import { RecordBuffer } from './record-buffer.js';
import type { StorageError } from './storage-error.js';

/** The changes that wait to be durable, oldest first, and those who wait for that. */
export class CommitQueue {
  /** The one that is being flushed; `undefined` between flushes. */
  #flushing: CommitBatch | undefined;
  /** Those behind it. Only the first is encoded: what waits longer is in memory once. */
  #waiting: CommitBatch[] = [];
  /** Of the flush that is under way, and of the next one. */
  #records: [RecordBuffer, RecordBuffer] = [new RecordBuffer(), new RecordBuffer()];

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && !this.#flushing;
  }

  /** The lowest index of the entries that wait; infinite when none do. */
  get lowestIndex(): number {
    return Math.min(...this.#all().map(({ lowestIndex }) => lowestIndex));
  }

  /** When all that waits now is durable; `undefined` when nothing does. */
  get allDurable(): Deferred<void> | undefined {
    return this.#all().at(-1)?.durable;
  }

  /** When the last snapshot that waits for its record has it; `undefined` when none does. */
  get snapshotsDurable(): Deferred<void> | undefined {
    return this.#all().findLast(({ snapshot }) => snapshot)?.durable;
  }

  /** As {@link CommitBatch.add}. Resolves when the change is durable, and all before it. */
  add(change: LogChange, bytes: number, isHint: boolean, snapshot?: SnapshotMetadata): Promise<void> {
    let last = this.#waiting.at(-1);
    if (!last?.takes(bytes, snapshot)) {
      last = new CommitBatch();
      this.#waiting.push(last);
      if (this.#waiting.length === 1) last.encodeInto(this.#records[1]);
    }
    last.add(change, bytes, isHint, snapshot);
    return last.durable.promise;
  }

  /** A flush begins: what comes in from now on waits for the next one. `undefined` when nothing waits. */
  begin(): CommitBatch | undefined {
    this.#flushing = this.#waiting.shift();
    this.#records = [this.#records[1], this.#records[0]];
    if (this.#flushing?.isEncoded === false) this.#flushing.encodeInto(this.#records[0]);
    return this.#flushing;
  }

  /** Encodes what the next flush will find; while the one before is under way, this costs nobody any time. */
  prepareNext(): void {
    const next = this.#waiting[0];
    if (next?.isEncoded === false) next.encodeInto(this.#records[1]);
  }

  /** What was being flushed is durable. */
  finish(): void {
    const durable = this.#flushing;
    this.#flushing = undefined;
    durable?.durable.resolve();
  }

  /** Nothing that waits will ever be known to be durable. */
  fail(failure: StorageError): void {
    const failed = this.#all();
    this.#flushing = undefined;
    this.#waiting = [];
    for (const { durable } of failed) durable.reject(failure);
  }

  #all(): readonly CommitBatch[] {
    return this.#flushing ? [this.#flushing, ...this.#waiting] : this.#waiting;
  }
}
