import { RpcError } from './errors.js';

/**
 * Where each connection, and a server as a whole, ends what it takes, so that no peer decides how much memory or time
 * it costs us.
 */
export interface RpcLimits {
  /** Bytes of one message on the wire; a payload and its frame must fit. A larger one closes the connection. */
  readonly maxMessageBytes: number;
  /** Bytes of one call's metadata, encoded. */
  readonly maxMetadataBytes: number;
  /** Unary calls that may run at once on one connection; one more is refused with `Overloaded`. */
  readonly maxInFlightCalls: number;
  /** Bytes of the requests that run on one connection; while none runs, one of any size is taken. `Overloaded` as well. */
  readonly maxInFlightBytes: number;
  /** Streams, of all kinds, that may be open at once on one connection; one more is refused with `Overloaded`. */
  readonly maxStreams: number;
  /** Bytes of one stream that may be on the way or unread: the credit its reader grants. */
  readonly streamWindowBytes: number;
  /**
   * Bytes of one caller's items that may be on the way or unread: the credit that a server grants. They count among the
   * bytes of the requests that run from the start, whether anything has come or not.
   */
  readonly callerWindowBytes: number;
  /** Unsent bytes above which a server reads no more from that connection, and above which streams wait, of either side. */
  readonly highWaterBytes: number;
  /** Unsent bytes above which a call is `Overloaded`, `send` drops, and a server ends the connection. */
  readonly maxBufferedBytes: number;
  /**
   * Requests that may run at once on a whole server; one more is refused with `Overloaded`. No connection holds more than
   * is left free, see `room.ts`.
   */
  readonly maxServerCalls: number;
  /** Bytes of them; while none runs, one of any size is taken. */
  readonly maxServerCallBytes: number;
  /** Unsent bytes of all connections of a server, above which it ends the one that has most of them. */
  readonly maxServerBufferedBytes: number;
  /** Connections that a server holds at once; one more is closed as it comes. */
  readonly maxConnections: number;
  /** How long a server waits for the opening handshake and for the hello after it. */
  readonly helloTimeoutMs: number;
  /** Silence after which a ping leaves. */
  readonly keepAliveIntervalMs: number;
  /** Silence after which the connection counts as dead. */
  readonly keepAliveTimeoutMs: number;
  /** How long the closing handshake may take before the socket is destroyed. */
  readonly closeTimeoutMs: number;
}

const MEBIBYTE = 1 << 20;

export const defaultLimits: RpcLimits = {
  maxMessageBytes: 16 * MEBIBYTE,
  maxMetadataBytes: 8_192,
  maxInFlightCalls: 4_096,
  maxInFlightBytes: 64 * MEBIBYTE,
  maxStreams: 1_024,
  streamWindowBytes: 262_144,
  callerWindowBytes: 65_536,
  highWaterBytes: MEBIBYTE,
  maxBufferedBytes: 32 * MEBIBYTE,
  maxServerCalls: 65_536,
  maxServerCallBytes: 256 * MEBIBYTE,
  maxServerBufferedBytes: 128 * MEBIBYTE,
  maxConnections: 10_000,
  helloTimeoutMs: 5_000,
  keepAliveIntervalMs: 5_000,
  keepAliveTimeoutMs: 15_000,
  closeTimeoutMs: 2_000,
};

/**
 * A message that holds more than one frame is never larger than this: what one message can make its receiver do
 * is bounded, however small its frames are.
 */
export const MAX_BATCH_BYTES = 262_144;

const MAX_LIMIT = 0x7fff_ffff;

/** The defaults with what `given` says; throws `InvalidArgument` for what is no positive 31-bit integer. */
export function resolveLimits(given: Partial<RpcLimits> = {}): RpcLimits {
  const limits = { ...defaultLimits, ...given };
  for (const [name, value] of Object.entries(limits)) {
    if (!Number.isInteger(value) || value < 1 || value > MAX_LIMIT) {
      throw new RpcError(
        'InvalidArgument',
        `limit ${name} must be an integer from 1 to ${MAX_LIMIT}, not ${value}`,
      );
    }
  }
  return limits;
}
