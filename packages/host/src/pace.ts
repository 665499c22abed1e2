/** How long one stretch is over which departures are counted; the pace is that of this one and the one before. */
const STRETCH_MS = 500;
/** No hint is shorter: another try has its price as well. */
const LEAST_MS = 10;
/** None is longer: by then, the estimate is about another time. */
const MOST_MS = 1_000;

/** What waits, in things and in bytes. */
export interface Load {
  readonly count: number;
  readonly bytes: number;
}

interface Stretch {
  readonly sinceMs: number;
  count: number;
  bytes: number;
}

/** How fast things have been leaving while some waited, and what that means for one who comes back. */
export class Pace {
  #before: Stretch | undefined;
  #now: Stretch = { sinceMs: -Infinity, count: 0, bytes: 0 };

  /** Something waits, where nothing did: the time before says nothing about the pace. */
  begin(nowMs: number): void {
    if (nowMs - this.#now.sinceMs < STRETCH_MS) return;
    this.#before = undefined;
    this.#now = { sinceMs: nowMs, count: 0, bytes: 0 };
  }

  /** One thing has left. */
  left(bytes: number, nowMs: number): void {
    if (nowMs - this.#now.sinceMs >= STRETCH_MS) {
      this.#before = this.#now;
      this.#now = { sinceMs: nowMs, count: 0, bytes: 0 };
    }
    this.#now.count += 1;
    this.#now.bytes += bytes;
  }

  /** How much leaves within `forMs` at this pace. */
  leavingWithin(forMs: number, nowMs: number): Load {
    const { bytes, count, elapsedMs } = this.#recent(nowMs);
    const share = elapsedMs > 0 ? forMs / elapsedMs : 0;
    return { count: count * share, bytes: bytes * share };
  }

  /**
   * How long half of what waits takes to leave at this pace: who comes back then finds room. While nothing leaves at
   * all, as long as that has lasted.
   *
   * @returns Whole milliseconds, from 10 to 1,000.
   */
  retryAfterMs(waiting: Load, nowMs: number): number {
    const { bytes, count, elapsedMs } = this.#recent(nowMs);
    const share = Math.max(waiting.count / count, bytes === 0 ? 0 : waiting.bytes / bytes);
    const estimateMs = count === 0 ? elapsedMs : (elapsedMs * share) / 2;
    return Math.ceil(Math.min(MOST_MS, Math.max(LEAST_MS, estimateMs)));
  }

  #recent(nowMs: number): Load & { readonly elapsedMs: number } {
    const before = this.#before;
    return {
      elapsedMs: nowMs - (before ?? this.#now).sinceMs,
      count: this.#now.count + (before?.count ?? 0),
      bytes: this.#now.bytes + (before?.bytes ?? 0),
    };
  }
}
