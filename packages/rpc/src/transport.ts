import type { RpcLimits } from './limits.js';

/**
 * One connection that carries whole messages, in order, both ways. Implemented over WebSockets and in memory;
 * one contract suite runs against both.
 */
export interface Connection {
  /** Bytes handed to {@link send} that have not left yet. */
  readonly bufferedBytes: number;
  /** Takes the message over: the caller writes to it no more. Never throws; after a close it does nothing. */
  send(message: Uint8Array): void;
  /**
   * Starts to close, after what was sent before. May be called again, to no effect. `closed` follows, at the
   * latest when the close timeout of the limits has passed.
   *
   * @param code A WebSocket close code, 1000 to 4999.
   * @param reason For the other side's log; cut to 120 bytes.
   */
  close(code: number, reason: string): void;
}

/**
 * The accepting side of a connection can also stop reading, which in the end stops the sender, and end it without waiting
 * for anything.
 */
export interface AcceptedConnection extends Connection {
  /** Where the other side is, for logs and handlers. */
  readonly remoteAddress: string;
  /** No `message` follows until {@link resume}, except those already read. */
  pause(): void;
  resume(): void;
  /** Ends it at once, also while it is closing: what has not left is dropped. `closed` follows. */
  abort(): void;
}

/** What a connection tells its owner. None of these may throw; none is called inside a call to the connection. */
export interface ConnectionEvents {
  /** A whole binary message; it belongs to the receiver. */
  message(message: Uint8Array): void;
  /**
   * Something left the buffer. A connection that was dialled promises it only where more was in it than the limits'
   * `highWaterBytes`, and no longer is.
   */
  drained(): void;
  /** The end, once: nothing follows. */
  closed(code: number, reason: string): void;
}

export interface DialOptions {
  readonly limits: RpcLimits;
  /** Gives up the attempt; after `dial` has resolved it means nothing. */
  readonly signal: AbortSignal;
}

/** The connecting side of a transport. */
export interface Dialer {
  /** Connects to `address`; rejects with `Unavailable` when nobody answers there. */
  dial(address: string, events: ConnectionEvents, options: DialOptions): Promise<Connection>;
}

/** The accepting side of a transport. */
export interface Listener {
  /** Listens on `address`; `accept` is called once for each connection and gives the ear for its events. */
  listen(
    address: string,
    accept: (connection: AcceptedConnection) => ConnectionEvents,
    limits: RpcLimits,
  ): Promise<Listening>;
}

/** An address that is being listened on. */
export interface Listening {
  /** The actual one: port 0 has become the port that was free. */
  readonly address: string;
  /** Accepts no more at once; resolves when the connections that were accepted have closed. */
  close(): Promise<void>;
}
