import { type Index, index } from './ids.js';
import { type InflightLimits, Inflights } from './inflights.js';

/**
 * How a peer is written to: in `probe` one request at a time looks for the place where the logs agree; in
 * `replicate` requests are streamed ahead of their answers, within a window; in `snapshot` nothing is sent until the
 * driver tells what became of the snapshot that is under way.
 */
export type ProgressState = 'probe' | 'replicate' | 'snapshot';

/** What a leader knows of one member's log, as etcd's tracker. Invariant: `match < next`. */
export class Progress {
  state: ProgressState = 'probe';
  /** The peer's log is known to agree up to here, durably; 0 at first. */
  match: Index = index(0);
  /** The next entry to send: in `replicate` ahead of what has been acknowledged. */
  next: Index;
  /** Heard of since the quorum was last checked (thesis §6.2); of the leader itself, always. */
  recentlyActive = false;
  /** A request leaves even if it has no entries: its answer is what matters. */
  probeIsDue = false;
  /** The newest heartbeat round that the peer answered. */
  readSequence = 0;
  readonly inflights: Inflights;
  /** In `snapshot`: the index of the one under way; else 0. */
  pendingSnapshot: Index = index(0);
  /** Nothing is sent until an answer comes; a heartbeat's will do, since requests are lost (etcd #13951). */
  #isPaused = false;
  /** The commit index of the last request. */
  #sentCommit = 0;

  constructor(next: Index, limits: InflightLimits) {
    this.next = next;
    this.inflights = new Inflights(limits);
  }

  /** Whether a request should leave for a log that ends at `lastIndex` and is committed up to `committed`. */
  wantsAppend(lastIndex: Index, committed: Index): boolean {
    if (this.isPaused) return false;
    return (
      this.probeIsDue || (this.next <= lastIndex && this.mayCarryEntries) || this.#lacksCommit(committed)
    );
  }

  /** Whether nothing but heartbeats is sent for now. */
  get isPaused(): boolean {
    return this.#isPaused || this.state === 'snapshot';
  }

  /** With a full window a request can still leave, empty, to find out what became of those before it. */
  get mayCarryEntries(): boolean {
    return this.state === 'probe' || !this.inflights.isFull;
  }

  /** Notes a request that left with `count` entries of `bytes` bytes from `next` on. */
  sent(count: number, bytes: number, commit: Index): void {
    this.probeIsDue = false;
    this.#sentCommit = commit;
    if (this.state === 'probe') {
      if (count > 0) this.#isPaused = true;
      return;
    }
    if (count > 0) {
      this.next = index(this.next + count);
      this.inflights.add(this.next - 1, bytes);
    }
    this.#isPaused = this.inflights.isFull;
  }

  /**
   * The peer's log agrees up to `matched`.
   *
   * @param firstIndex Where the leader's log begins: a peer that reaches it needs no snapshot any more, whatever became
   *   of the one under way.
   * @returns Whether that was news.
   */
  acknowledge(matched: Index, firstIndex: Index): boolean {
    const isNews = matched > this.match;
    if (isNews) {
      this.match = matched;
      this.next = index(Math.max(this.next, matched + 1));
      this.#isPaused = false;
    }
    if (this.state === 'replicate') this.inflights.freeUpTo(matched);
    else if (this.state === 'probe' && matched === this.match) this.becomeReplicate();
    else if (this.state === 'snapshot' && isNews && matched + 1 >= firstIndex) this.becomeReplicate();
    return isNews;
  }

  /**
   * The peer's log does not match at `rejected`.
   *
   * @param hint Where it may match.
   * @returns False for the answer to an old request, which says nothing any more.
   */
  reject(rejected: Index, hint: Index): boolean {
    if (this.state === 'replicate') {
      if (rejected <= this.match) return false;
      this.becomeProbe();
      return true;
    }
    if (this.state === 'snapshot' || this.next - 1 !== rejected) return false;
    this.#retreatTo(Math.max(Math.min(rejected, hint + 1), this.match + 1));
    this.#isPaused = false;
    this.probeIsDue = true;
    return true;
  }

  /** The peer lives: what is under way may have been lost, so one more request may ask. */
  resume(): void {
    this.#isPaused = false;
  }

  /** A request leaves at once, unless a snapshot is under way: its answer tells where the peer stands. */
  ask(): void {
    this.#isPaused = false;
    this.probeIsDue = true;
  }

  /** Nothing is sent until the peer is heard of. */
  pause(): void {
    this.#isPaused = true;
  }

  /** Where a snapshot was under way, it is taken to have arrived. A peer that lacks nothing is asked when it is heard. */
  becomeProbe(): void {
    this.#enter('probe', Math.max(this.match, this.pendingSnapshot) + 1);
  }

  becomeReplicate(): void {
    this.#enter('replicate', this.match + 1);
  }

  becomeSnapshot(at: Index): void {
    this.#enter('snapshot', at + 1);
    this.pendingSnapshot = at;
    this.#sentCommit = at;
  }

  /** The snapshot under way did not arrive. */
  abandonSnapshot(): void {
    this.pendingSnapshot = index(0);
  }

  #enter(state: ProgressState, next: number): void {
    this.state = state;
    this.#isPaused = false;
    this.probeIsDue = false;
    this.pendingSnapshot = index(0);
    this.inflights.clear();
    this.#retreatTo(next);
  }

  #retreatTo(next: number): void {
    this.next = index(next);
    this.#sentCommit = Math.min(this.#sentCommit, next - 1);
  }

  /** Whether a request would raise the peer's commit index: not above the entries that were sent. */
  #lacksCommit(committed: Index): boolean {
    return committed > this.#sentCommit && this.#sentCommit < this.next - 1;
  }
}
