import { createDeferred, type Deferred } from '@decoraft/base';
import type { DecoraftError } from '@decoraft/protocol';
import type { Raft, ReadProof, ReadState } from '@decoraft/raft';
import { refusal } from './proposals.js';

/** Reads that came together, and are proven together. */
interface Batch {
  readonly proof: ReadProof;
  readonly confirmed: Deferred<number>;
  size: number;
  /** The numbers under which the core was asked for it; each answer is as good as the other. */
  readonly contexts: number[];
  /** Ticks since the core was asked first. */
  ticks: number;
}

interface WaitingForIndex {
  readonly index: number;
  readonly deferred: Deferred<void>;
}

/** The server whose reads they are. */
export interface Reader {
  readonly raft: Raft;
  readonly node: { readonly isLeader: boolean; readonly replica: { readonly appliedIndex: number } };
  /** Has {@link Reads.flush} called soon. */
  readonly flushSoon: () => void;
}

export interface ReadsOptions {
  /** Reads that may wait on this node. */
  readonly limit: number;
  /** Ticks after which a leader is asked once more: the question or its answer may be lost. */
  readonly askAgainTicks: number;
  /** Ticks after which reads are refused whose leader could not be confirmed. */
  readonly patienceTicks: number;
  /**
   * The first number under which the core is asked. Drawn at random: an answer to an earlier life of this server may
   * still be on its way, and would be too old for a question of this one.
   */
  readonly firstContext: number;
}

/**
 * Reads that wait: for a proof of leadership (thesis §6.4), then for the apply loop to reach their index. Those of one
 * turn share one question. A leader hands its own to the core at once, which answers all that came during one round of
 * heartbeats with the next; a follower has one question on its way, and what comes meanwhile is the next one.
 */
export class Reads {
  readonly #options: ReadsOptions;
  readonly #reader: Reader;
  /** Asked for, not yet handed to the core; one for each proof. */
  #queue: Batch[] = [];
  /** Handed to the core, by context. */
  readonly #asked = new Map<number, Batch>();
  #waiting: WaitingForIndex[] = [];
  #lastContext: number;
  #pending = 0;
  #closed: DecoraftError | undefined;

  constructor(options: ReadsOptions, reader: Reader) {
    this.#options = options;
    this.#reader = reader;
    this.#lastContext = options.firstContext;
  }

  /** Whether a confirmation is under way. */
  get isAsking(): boolean {
    return this.#asked.size > 0;
  }

  get hasQueued(): boolean {
    return this.#queue.length > 0;
  }

  /**
   * Resolves when this node has applied all that was acknowledged to anyone before the call. Rejects with `NoLeader`,
   * `NotLeader` or `Overloaded`; with what {@link close} was given afterwards.
   */
  async linearize(proof: ReadProof): Promise<void> {
    const confirmed = this.#readIndex(proof);
    this.#reader.flushSoon();
    await this.waitApplied(await confirmed);
  }

  /** Resolves once `index` has been applied here. Rejects with `Overloaded`, and as {@link linearize}. */
  async waitApplied(index: number): Promise<void> {
    this.#refuse();
    if (this.#reader.node.replica.appliedIndex >= index) return;
    const deferred = createDeferred<void>();
    this.#waiting.push({ index, deferred });
    this.#pending++;
    try {
      await deferred.promise;
    } finally {
      this.#pending--;
    }
  }

  #readIndex(proof: ReadProof): Promise<number> {
    this.#refuse();
    let batch = this.#queue.find((queued) => queued.proof === proof);
    if (!batch) {
      batch = { proof, confirmed: createDeferred<number>(), size: 0, contexts: [], ticks: 0 };
      this.#queue.push(batch);
    }
    batch.size++;
    this.#pending++;
    return batch.confirmed.promise;
  }

  /** @throws DecoraftError when nothing can wait here. */
  #refuse(): void {
    if (this.#closed) throw this.#closed;
    const { limit } = this.#options;
    if (this.#pending >= limit) throw refusal('Overloaded', `${limit} reads wait on this node`);
  }

  /** Hands what queued up to the core. */
  flush(): void {
    const queue = this.#queue;
    this.#queue = [];
    for (const batch of queue) {
      if (!this.#reader.node.isLeader && this.#isAsking(batch.proof)) this.#queue.push(batch);
      else if (!this.#ask(batch)) {
        this.#reject(batch, refusal('NoLeader', 'no leader is known that could confirm the read'));
      }
    }
  }

  confirm(readStates: readonly ReadState[]): void {
    for (const { context, index } of readStates) {
      const batch = this.#asked.get(context);
      if (!batch) continue;
      this.#forget(batch);
      batch.confirmed.resolve(index);
    }
  }

  /** Time passes: what was not answered is asked again, and given up at last. */
  tick(): void {
    const { askAgainTicks, patienceTicks } = this.#options;
    for (const batch of new Set(this.#asked.values())) {
      batch.ticks++;
      if (batch.ticks >= patienceTicks) {
        this.#reject(batch, refusal('NoLeader', 'leadership could not be confirmed in time'));
      } else if (!this.#reader.node.isLeader && batch.ticks % askAgainTicks === 0) this.#ask(batch);
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
    for (const batch of new Set(this.#asked.values())) this.#reject(batch, error);
  }

  /** The node stops. */
  close(error: DecoraftError): void {
    this.#closed = error;
    this.abandon(error);
    for (const batch of this.#queue) this.#reject(batch, error);
    for (const { deferred } of this.#waiting) deferred.reject(error);
    this.#queue = [];
    this.#waiting = [];
  }

  #isAsking(proof: ReadProof): boolean {
    for (const batch of this.#asked.values()) if (batch.proof === proof) return true;
    return false;
  }

  #ask(batch: Batch): boolean {
    const context = ++this.#lastContext;
    if (!this.#reader.raft.readIndex(context, batch.proof)) return false;
    batch.contexts.push(context);
    this.#asked.set(context, batch);
    return true;
  }

  #reject(batch: Batch, error: DecoraftError): void {
    this.#forget(batch);
    batch.confirmed.reject(error);
  }

  #forget({ contexts, size }: Batch): void {
    for (const context of contexts) this.#asked.delete(context);
    this.#pending -= size;
  }
}
