import { stableHash } from '@decoraft/base';

/** What a handler knows of the call beside its payload. */
export interface CallContext {
  /** Aborts when the caller cancels or goes, when the deadline passes, and when the server closes. */
  readonly signal: AbortSignal;
  /**
   * Whether the caller still waits, as far as this side knows: it has not cancelled, its connection is there, and its
   * deadline has not passed. Costs less than {@link signal}: for a handler that looks before it begins with something.
   */
  readonly isAwaited: boolean;
  /** Milliseconds until the caller's deadline, never below 0; undefined when it set none. */
  readonly remainingMs: number | undefined;
  /** What the caller sent beside the payload; its object has no prototype. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly connection: ConnectionInfo;
}

export interface ConnectionInfo {
  /** Counts up from 1 within one server. */
  readonly id: number;
  readonly remoteAddress: string;
}

interface MethodBase {
  readonly name: string;
  /** 32 bits, unsigned; {@link methodId} of the name when left out. */
  readonly id?: number | undefined;
  /** Whatever those who list services are to learn of it; this package does not look at it. */
  readonly description?: unknown;
}

/** One payload in, one payload out. The payload is a view of the received message: copy what you keep. */
export interface UnaryMethod extends MethodBase {
  readonly kind: 'unary';
  handle(payload: Uint8Array, context: CallContext): Uint8Array | Promise<Uint8Array>;
}

/** One payload in, many out; the next one is asked for only when the caller has granted credit for it. */
export interface StreamMethod extends MethodBase {
  readonly kind: 'stream';
  handle(payload: Uint8Array, context: CallContext): AsyncIterable<Uint8Array>;
}

/**
 * One payload in and then items, one payload out. The caller sends its items no faster than they are read, and learns by
 * their `return` when the handler gives its answer before their end. They throw when the caller cancels or goes, and when
 * the deadline passes; who leaves the loop early gets no more of them.
 */
export interface ClientStreamMethod extends MethodBase {
  readonly kind: 'client-stream';
  handle(
    payload: Uint8Array,
    payloads: AsyncIterable<Uint8Array>,
    context: CallContext,
  ): Uint8Array | Promise<Uint8Array>;
}

/** One payload in, then items in and out, either side at its own pace: both of the above at once. */
export interface BidirectionalStreamMethod extends MethodBase {
  readonly kind: 'bidirectional-stream';
  handle(
    payload: Uint8Array,
    payloads: AsyncIterable<Uint8Array>,
    context: CallContext,
  ): AsyncIterable<Uint8Array>;
}

/** One payload in, nothing out, not even an error: what is thrown is logged. */
export interface OneWayMethod extends MethodBase {
  readonly kind: 'one-way';
  handle(payload: Uint8Array, context: CallContext): void;
}

export type Method =
  UnaryMethod | StreamMethod | ClientStreamMethod | BidirectionalStreamMethod | OneWayMethod;

/** Methods that are reached under one name. */
export interface Service {
  readonly methods: readonly Method[];
  /**
   * Its handlers read no bindings, and are called without any unless interceptors stand around them: for services whose
   * calls are so many that this counts.
   */
  readonly readsNoBindings?: boolean | undefined;
}

/** Names are constants of a program; the bound only guards against someone who makes them up. */
const MAX_CACHED_IDS = 4_096;
const ids = new Map<string, number>();

function idOf(name: string): number {
  let id = ids.get(name);
  if (id === undefined) {
    if (ids.size >= MAX_CACHED_IDS) ids.clear();
    id = stableHash(name);
    ids.set(name, id);
  }
  return id;
}

/** The ID under which a method of this name travels. */
export function methodId(name: string): number {
  return idOf(name);
}

/** The ID under which a service of this name travels, unless it was registered with another one. */
export function serviceId(name: string): number {
  return idOf(name);
}
