import { onAbort } from '@decoraft/base';
import type { DecoraftError } from '@decoraft/protocol';

/**
 * How a connection to a cluster is doing. `connected`: some node can be asked. `reconnecting`: none can, and all are tried
 * again and again; calls wait. `draining`: no new calls, those under way end. `closed`: for good.
 */
export type ConnectionStatus = 'connected' | 'reconnecting' | 'draining' | 'closed';

/** One step of a connection's status. */
export interface StatusChange {
  readonly status: ConnectionStatus;
  readonly previous: ConnectionStatus;
  /** Why the last connection to a node was lost, where the status is `reconnecting`. */
  readonly reason?: DecoraftError;
}

/** Looks at a connection by this side are at most so many steps late; then they miss the oldest. */
const BACKLOG_LIMIT = 64;

/** The status of a connection, and those who look at it. */
export class StatusBoard {
  readonly #onChange: (change: StatusChange) => void;
  readonly #readers = new Set<StatusReader>();
  #status: ConnectionStatus = 'connected';

  /** @param onChange Called with each step. */
  constructor(onChange: (change: StatusChange) => void) {
    this.#onChange = onChange;
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Goes to this status, unless it is there, or was at one from which no way leads there. */
  become(status: ConnectionStatus, reason?: DecoraftError): void {
    const previous = this.#status;
    if (status === previous || previous === 'closed') return;
    if (previous === 'draining' && status !== 'closed') return;
    this.#status = status;
    for (const reader of this.#readers) reader.push(status);
    this.#onChange(reason ? { status, previous, reason } : { status, previous });
  }

  /** The status now, and each one that follows; ends behind `closed`. Throws the signal's reason when it is aborted. */
  async *changes(signal?: AbortSignal): AsyncGenerator<ConnectionStatus, void, undefined> {
    signal?.throwIfAborted();
    const reader = new StatusReader(this.#status);
    this.#readers.add(reader);
    const leave = onAbort(signal, () => reader.wake());
    try {
      for (;;) {
        signal?.throwIfAborted();
        const status = await reader.next();
        if (status === undefined) continue;
        yield status;
        if (status === 'closed') return;
      }
    } finally {
      leave();
      this.#readers.delete(reader);
    }
  }
}

/** What one reader has not seen yet. */
class StatusReader {
  readonly #unseen: ConnectionStatus[];
  #onNews: (() => void) | undefined;

  constructor(status: ConnectionStatus) {
    this.#unseen = [status];
  }

  push(status: ConnectionStatus): void {
    this.#unseen.push(status);
    if (this.#unseen.length > BACKLOG_LIMIT) this.#unseen.shift();
    this.wake();
  }

  wake(): void {
    this.#onNews?.();
  }

  /** The next one; waits for it. `undefined` when it was woken without one. */
  async next(): Promise<ConnectionStatus | undefined> {
    if (this.#unseen.length === 0) await new Promise<void>((resolve) => (this.#onNews = resolve));
    this.#onNews = undefined;
    return this.#unseen.shift();
  }
}
