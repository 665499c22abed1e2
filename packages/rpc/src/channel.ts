import type { Clock } from '@decoraft/base';
import type { RpcError } from './errors.js';
import type { RpcLimits } from './limits.js';
import type { Metadata } from './metadata.js';
import type { Dialer } from './transport.js';

export interface CallOptions {
  /** Milliseconds from now until the call fails with `DeadlineExceeded`, on both sides. None when left out. */
  readonly timeoutMs?: number | undefined;
  /** Aborting it fails the call with `Cancelled` and tells the server. */
  readonly signal?: AbortSignal | undefined;
  /** Travels beside the payload. */
  readonly metadata?: Metadata | undefined;
}

/** One open connection to one server, with many calls on it at once. */
export interface Channel {
  /**
   * Calls a unary method.
   *
   * @returns What the handler returned, a view of the received message.
   * @throws RemoteError What the handler threw.
   * @throws RpcError `Unavailable` (the connection closed; `sent` tells whether the handler may have run),
   *   `DeadlineExceeded`, `Cancelled`, `Overloaded` (too many calls or unsent bytes), `Unimplemented`,
   *   `InvalidArgument` (payload or metadata too large).
   */
  call(service: number, method: number, payload: Uint8Array, options?: CallOptions): Promise<Uint8Array>;
  /**
   * Calls a stream method, once for each loop over the result and not before it. Leaving the loop cancels. Fails as
   * {@link call} does, after the items that came before.
   */
  stream(
    service: number,
    method: number,
    payload: Uint8Array,
    options?: CallOptions,
  ): AsyncIterable<Uint8Array>;
  /**
   * Calls a client-stream method: sends the payload, then the items, no faster than the handler reads them.
   *
   * @param payloads Looped over once. When the call ends before they do, for whatever reason, `return` is called on them.
   * @returns As {@link call} does.
   * @throws RpcError As {@link call} does; `Cancelled` with what the items threw as its cause and in its words;
   *   `InvalidArgument` for an item that is too large; `Unimplemented` too when the server is of a build that knows no
   *   such calls; `Overloaded` too when it has no room for the items.
   */
  clientStream(
    service: number,
    method: number,
    payload: Uint8Array,
    payloads: AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): Promise<Uint8Array>;
  /**
   * Calls a bidirectional-stream method: a call of its own, with a loop of its own over `payloads`, for each loop over the
   * result. As {@link clientStream} in what it sends, as {@link stream} in what it gives.
   */
  bidirectionalStream(
    service: number,
    method: number,
    payload: Uint8Array,
    payloads: AsyncIterable<Uint8Array>,
    options?: CallOptions,
  ): AsyncIterable<Uint8Array>;
  /**
   * Calls a one-way method: at most once, no answer.
   *
   * @returns false when it was dropped, because the channel is closed, too much is unsent, or it is too large.
   */
  send(service: number, method: number, payload: Uint8Array): boolean;
  /** Bytes that have not left yet. */
  readonly bufferedBytes: number;
  /** Whether a call made now would be sent: false once closed, and while the server drains. */
  readonly isOpen: boolean;
  /** Resolves, never rejects, with the reason when the connection has ended. */
  readonly closed: Promise<RpcError>;
  /** Fails what is pending with `Unavailable` and closes the connection. */
  close(reason?: string): void;
}

export interface ChannelOptions {
  /** `webSocketDialer()` when left out: WebSockets, and none for a server of this process. */
  readonly transport?: Dialer | undefined;
  /** Milliseconds for the connection and the hello exchange together; 5,000 when left out. */
  readonly connectTimeoutMs?: number | undefined;
  readonly limits?: Partial<RpcLimits> | undefined;
  /**
   * Travels with every call and stream, under what that says itself. A function is asked for each of them: for a token
   * that changes.
   */
  readonly metadata?: Metadata | (() => Metadata) | undefined;
  readonly clock?: Clock | undefined;
  /** Gives up the attempt with `Cancelled`; means nothing once the channel is open. */
  readonly signal?: AbortSignal | undefined;
}
