import { type Index, index } from './ids.js';

/** What is sent but not acknowledged, first in first out: each the last index of a message and its bytes. */
interface InFlight {
  readonly lastIndex: number;
  readonly bytes: number;
}

/** Limits of the window of one peer. */
export interface WindowLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/**
 * What a leader knows of one peer's log, as etcd's progress: in `probe` it looks for the place where the logs
 * agree, one message at a time; in `replicate` it streams within a window.
 */
export class Progress {
  state: 'probe' | 'replicate' = 'probe';
  /** The peer's log is known to agree up to here, durably. */
  match: Index = index(0);
  /** The next entry to send. */
  next: Index;
  /** Heard of since the last check of the quorum. */
  recentActive = false;
  /** There is something that the peer has not been told: entries, or a commit index. */
  isDirty = true;
  /** In `probe`: a message is under way. */
  #isProbing = false;
  #inFlight: InFlight[] = [];
  #inFlightBytes = 0;
  readonly #limits: WindowLimits;

  constructor(next: Index, limits: WindowLimits) {
    this.next = next;
    this.#limits = limits;
  }

  get isPaused(): boolean {
    if (this.state === 'probe') return this.#isProbing;
    return this.#inFlight.length >= this.#limits.maxMessages || this.#inFlightBytes >= this.#limits.maxBytes;
  }

  becomeProbe(): void {
    this.#reset('probe');
    this.next = index(this.match + 1);
  }

  becomeReplicate(): void {
    this.#reset('replicate');
    this.next = index(this.match + 1);
  }

  /** Notes that entries up to `lastIndex` have left; `count` of them. */
  sent(lastIndex: Index, count: number, bytes: number): void {
    if (this.state === 'probe') {
      this.#isProbing = true;
      return;
    }
    if (count === 0) return;
    this.next = index(lastIndex + 1);
    this.#inFlight.push({ lastIndex, bytes });
    this.#inFlightBytes += bytes;
  }

  /** The peer acknowledged up to `at`. @returns Whether that was news. */
  acknowledge(at: Index): boolean {
    this.#isProbing = false;
    this.#freeUpTo(at);
    this.next = index(Math.max(this.next, at + 1));
    if (at <= this.match) return false;
    this.match = at;
    return true;
  }

  /**
   * The peer's log does not match at `rejected`.
   *
   * @returns Whether the news is of the present: an old message's rejection says nothing any more.
   */
  reject(rejected: Index, hint: Index): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false;
      this.becomeProbe();
      return true;
    }
    if (this.next - 1 !== rejected) return false;
    this.next = index(Math.max(Math.min(rejected, hint + 1), this.match + 1));
    this.#isProbing = false;
    return true;
  }

  /** The peer answered a heartbeat: what was lost on the way may be sent again. */
  freeOne(): void {
    this.#isProbing = false;
    const oldest = this.#inFlight[0];
    if (this.isPaused && oldest) this.#freeUpTo(index(oldest.lastIndex));
  }

  #freeUpTo(at: Index): void {
    let freed = 0;
    for (const { bytes, lastIndex } of this.#inFlight) {
      if (lastIndex > at) break;
      this.#inFlightBytes -= bytes;
      freed++;
    }
    if (freed > 0) this.#inFlight.splice(0, freed);
  }

  #reset(state: 'probe' | 'replicate'): void {
    this.state = state;
    this.#isProbing = false;
    this.#inFlight = [];
    this.#inFlightBytes = 0;
    this.isDirty = true;
  }
}
