import { type CodedError, onAbort } from '@decoraft/base';
import type { CallerItems } from './caller-items.js';

/** A request that a channel waits on: a `PendingCall` or a `ClientStream`. */
export abstract class ClientRequest {
  /** Instant of the clock's monotonic time at which it fails; Infinity for never. */
  readonly deadlineMs: number;
  /** The outbox's flush count when it was written: tells whether it has left. */
  writtenAt = 0;
  /** What the caller sends into it, for the kinds of requests that take items. */
  items: CallerItems | undefined;
  #leaveSignal: (() => void) | undefined;

  constructor(deadlineMs: number) {
    this.deadlineMs = deadlineMs;
  }

  /** Whether it counts among the streams of its channel. */
  get isStream(): boolean {
    return this.items !== undefined;
  }

  /** Calls `listener` when the signal aborts before {@link release}. */
  watch(signal: AbortSignal, listener: () => void): void {
    this.#leaveSignal = onAbort(signal, listener);
  }

  /** The server has room for more items of the caller; false when it takes none. */
  grant(bytes: number): boolean {
    this.items?.grant(bytes);
    return this.items !== undefined;
  }

  /** It has ended: lets go of the signal, which may live for long, and of the caller's items. */
  release(): void {
    this.items?.stop();
    this.#leaveSignal?.();
  }

  /** Its one reply has come; false when it expects none. */
  abstract reply(payload: Uint8Array): boolean;
  /** An item of its stream has come; false when it expects none, or has no credit for it. */
  abstract item(payload: Uint8Array): boolean;
  /** Its stream has ended; false when it is no stream. */
  abstract end(): boolean;
  /** It has failed; nothing follows. */
  abstract fail(error: CodedError): void;
}
