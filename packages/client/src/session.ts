import type { Origin, SessionId } from '@decoraft/protocol';

/**
 * A client's side of its session: numbers what it asks, and knows up to where all answers have arrived, so that
 * the replicas may forget them (thesis §6.3).
 */
export class Session {
  readonly id: SessionId;
  #lastSequence = 0;
  #acknowledged = 0;
  readonly #settledAhead = new Set<number>();

  constructor(id: SessionId) {
    this.id = id;
  }

  /** All answers up to this number have arrived. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Of the last question that was begun; 0 before the first. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** Begins a question: its number stays the same over all retries. */
  next(): Origin {
    return { session: this.id, sequence: ++this.#lastSequence, acknowledged: this.#acknowledged };
  }

  /** The question is over: answered, or given up and never sent again. */
  settle({ sequence }: Origin): void {
    this.#settledAhead.add(sequence);
    while (this.#settledAhead.delete(this.#acknowledged + 1)) this.#acknowledged++;
  }
}
