import { createDeferred, type Deferred } from '@decoraft/base';
import type { SnapshotMetadata } from '@decoraft/raft';
import type { LogChange } from './log-change.js';
import type { StorageError } from './storage-error.js';

/** A change on its way to the disk. */
export interface PendingChange {
  readonly change: LogChange;
  /** It is durable, and counts once the record is that makes the log begin behind it. */
  readonly snapshot: SnapshotMetadata | undefined;
  /** Its size within a record. */
  readonly bytes: number;
  /** Whether losing it is harmless: it changes nothing but the commit index. */
  readonly isHint: boolean;
  /** One for all that came in while the flush before theirs was under way: a promise for each would cost too much. */
  readonly durable: Deferred<void>;
}

/** The changes that wait to be durable, oldest first, and those who wait for that. */
export class CommitQueue {
  #pending: PendingChange[] = [];
  /** Of what came in since the last flush began; `undefined` when nothing did. */
  #gathering: Deferred<void> | undefined;

  get pending(): readonly PendingChange[] {
    return this.#pending;
  }

  /** Whether anything waits that is worth a flush. */
  get needsRecord(): boolean {
    return this.#pending.some((pending) => pending.bytes > 0 && !pending.isHint);
  }

  /** What {@link PendingChange.durable} is for a change that comes in now. */
  gather(): Deferred<void> {
    this.#gathering ??= createDeferred();
    return this.#gathering;
  }

  /** Resolves when the change is durable, and all before it. */
  add(pending: PendingChange): Promise<void> {
    this.#pending.push(pending);
    return pending.durable.promise;
  }

  /** A flush begins: what comes in from now on waits for the next one. */
  beginFlush(): void {
    this.#gathering = undefined;
  }

  /** The first `count` are durable. Who waits for more than those is told with the rest. */
  finish(count: number): void {
    const unfinished = this.#pending[count]?.durable;
    let told: Deferred<void> | undefined;
    for (let place = 0; place < count; place++) {
      const durable = this.#pending[place]?.durable;
      if (durable === told || durable === unfinished) continue;
      durable?.resolve();
      told = durable;
      // It came in while the flush was being prepared, and went along: who comes now must not be told with it.
      if (durable === this.#gathering) this.#gathering = undefined;
    }
    this.#pending = this.#pending.slice(count);
  }

  /** Nothing that waits will ever be known to be durable. */
  fail(failure: StorageError): void {
    this.#gathering = undefined;
    const waiting = this.#pending;
    this.#pending = [];
    for (const { durable } of waiting) durable.reject(failure);
  }
}
