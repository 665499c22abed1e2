import { createDeferred, type Deferred } from '@decoraft/base';
import type { DecoraftError } from '@decoraft/protocol';
import type { Raft, ReadState } from '@decoraft/raft';
import { refusal } from './proposals.js';

interface WaitingForIndex {
  readonly index: number;
  readonly deferred: Deferred<void>;
}

/**
 * Reads that wait: for a proof of leadership (all of one turn share one, thesis §6.4), then for the apply loop to
 * reach their index.
 */
export class Reads {
  readonly #limit: number;
  /** Asked for in this turn, not yet handed to the core. */
  #queue: Deferred<number>[] = [];
  /** Handed to the core, by context. */
  readonly #confirming = new Map<number, readonly Deferred<number>[]>();
  #waiting: WaitingForIndex[] = [];
  #lastContext = 0;
  #pending = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get hasQueued(): boolean {
    return this.#queue.length > 0;
  }

  /** The index that a linearizable read must have seen. Rejects with `NoLeader`, `NotLeader` or `Overloaded`. */
  readIndex(): Promise<number> {
    return this.#admit((deferred: Deferred<number>) => this.#queue.push(deferred));
  }

  /** Resolves once `index` has been applied here. */
  async waitApplied(index: number, applied: number): Promise<void> {
    if (applied >= index) return;
    await this.#admit((deferred: Deferred<void>) => this.#waiting.push({ index, deferred }));
  }

  /** Hands all reads that queued up to the core as one. */
  flush(raft: Raft): void {
    const queue = this.#queue;
    this.#queue = [];
    const context = ++this.#lastContext;
    if (raft.readIndex(context)) this.#confirming.set(context, queue);
    else rejectAll(queue, refusal('NoLeader', 'no leader is known that could confirm the read'));
  }

  confirm(readStates: readonly ReadState[]): void {
    for (const { context, index } of readStates) {
      for (const { resolve } of this.#confirming.get(context) ?? []) resolve(index);
      this.#confirming.delete(context);
    }
  }

  /** The apply loop has reached `applied`. */
  advance(applied: number): void {
    if (this.#waiting.length === 0) return;
    const due = this.#waiting.filter(({ index }) => index <= applied);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ index }) => index > applied);
    for (const { deferred } of due) deferred.resolve();
  }

  /** Leader or term changed: no confirmation that is under way will come. */
  abandon(
    error: DecoraftError = refusal('NotLeader', 'the leader changed while the read was confirmed'),
  ): void {
    for (const deferreds of this.#confirming.values()) rejectAll(deferreds, error);
    this.#confirming.clear();
  }

  /** The node stops. */
  close(error: DecoraftError): void {
    this.abandon(error);
    rejectAll(this.#queue, error);
    rejectAll(
      this.#waiting.map(({ deferred }) => deferred),
      error,
    );
    this.#queue = [];
    this.#waiting = [];
  }

  async #admit<Result>(enqueue: (deferred: Deferred<Result>) => void): Promise<Result> {
    if (this.#pending >= this.#limit) throw refusal('Overloaded', `${this.#limit} reads wait on this node`);
    const deferred = createDeferred<Result>();
    enqueue(deferred);
    this.#pending++;
    try {
      return await deferred.promise;
    } finally {
      this.#pending--;
    }
  }
}

function rejectAll(
  deferreds: readonly { readonly reject: (reason: unknown) => void }[],
  error: DecoraftError,
): void {
  for (const { reject } of deferreds) reject(error);
}
