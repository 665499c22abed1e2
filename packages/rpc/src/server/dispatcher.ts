import { CALL_METADATA, type Clock, type Logger, MalformedBytes, messageOf, unbound } from '@decoraft/base';
import { DeadlineTimer } from '../deadline-timer.js';
import { RpcError } from '../errors.js';
import type { RequestFrame } from '../frames.js';
import type { RpcLimits } from '../limits.js';
import { decodeMetadata, NO_METADATA } from '../metadata.js';
import type { Room } from '../room.js';
import type { ConnectionInfo, Method } from '../service.js';
import type { Responder } from './responder.js';
import { ReceivedTable } from './received-table.js';
import { ServerCall } from './server-call.js';
import { type OpenStream, runStream, type StreamingMethod } from './stream-run.js';
import { checkCount, Turnstile } from './turnstile.js';
import type { HandlerScope } from './handler-scope.js';
import type { RegisteredMethod, ServiceRegistry } from './service-registry.js';

/** What all connections of a server share. */
export interface ServerScope {
  readonly registry: ServiceRegistry;
  readonly limits: RpcLimits;
  readonly clock: Clock;
  readonly logger: Logger;
  /** For all requests whose handlers run. */
  readonly room: Room;
  /** Whether new requests are refused because the server closes. */
  readonly isDraining: boolean;
  /** Around every handler that may read bindings. */
  readonly around: HandlerScope | undefined;
  /** A connection has nothing left to answer. */
  idle(): void;
  /** A connection holds so many unsent bytes more than it did, or less. */
  countBuffered(bytes: number): void;
}

export interface DispatcherOptions {
  readonly scope: ServerScope;
  readonly responder: Responder;
  readonly connection: ConnectionInfo;
  /** See ServerStreamPort. */
  readonly whenWritable: () => Promise<void> | undefined;
}

/** The kind of method that each kind of request is for. */
const METHOD_KIND = {
  call: 'unary',
  open: 'stream',
  gather: 'client-stream',
  converse: 'bidirectional-stream',
  send: 'one-way',
} as const satisfies Record<RequestFrame['kind'], Method['kind']>;

/** Takes one connection's requests to their handlers, and the results back in whatever order they come. */
export class Dispatcher {
  readonly #scope: ServerScope;
  readonly #responder: Responder;
  readonly #connection: ConnectionInfo;
  readonly #whenWritable: () => Promise<void> | undefined;
  readonly #deadlines: DeadlineTimer;
  /** Requests that are waiting for their answer. */
  readonly #calls = new Map<number, { readonly call: ServerCall; readonly fullName: string }>();
  readonly #streams = new Map<number, OpenStream>();
  readonly #received: ReceivedTable;
  readonly #turnstile: Turnstile;
  /** Handlers that have not settled, awaited or not. */
  #callCount = 0;
  #streamCount = 0;

  constructor({ scope, responder, connection, whenWritable }: DispatcherOptions) {
    this.#scope = scope;
    this.#responder = responder;
    this.#connection = connection;
    this.#whenWritable = whenWritable;
    this.#turnstile = new Turnstile(scope.room, connection.id);
    this.#received = new ReceivedTable(this.#turnstile, responder);
    this.#deadlines = new DeadlineTimer(scope.clock, (nowMs) => this.#expire(nowMs));
  }

  /** Whether nothing waits for an answer. */
  get isIdle(): boolean {
    return this.#calls.size === 0 && this.#streams.size === 0;
  }

  /** Throws MalformedBytes when the client breaks the protocol, and nothing else. */
  request(frame: RequestFrame): void {
    try {
      if (this.#scope.isDraining)
        throw new RpcError('Unavailable', 'this server is closing: ask another one');
      switch (frame.kind) {
        case 'call':
          return this.#call(frame);
        case 'open':
        case 'gather':
        case 'converse':
          return this.#open(frame);
        case 'send':
          return this.#send(frame);
      }
    } catch (thrown) {
      if (!(thrown instanceof RpcError)) throw thrown;
      if (frame.kind !== 'send') this.#responder.refuse(frame.requestId, thrown);
    }
  }

  grant(requestId: number, bytes: number): void {
    this.#streams.get(requestId)?.stream?.grant(bytes);
  }

  /** Throws MalformedBytes for one that was not asked for. */
  item(requestId: number, payload: Uint8Array): void {
    const reason = this.#received.item(requestId, payload);
    if (reason) this.#fail(requestId, reason);
  }

  /** No more items come. */
  endItems(requestId: number): void {
    this.#received.end(requestId);
  }

  /** The caller waits no longer. Its request may have been answered meanwhile. */
  cancel(requestId: number): void {
    this.#received.cancel(requestId);
    this.#drop(requestId, new RpcError('Cancelled', 'the caller cancelled'));
  }

  /** Ends the streams with `reason`, which their callers are told: those of one service, or all. */
  stopStreams(reason: RpcError, serviceId?: number): void {
    for (const [requestId, stream] of this.#streams) {
      if (serviceId === undefined || stream.serviceId === serviceId) this.#fail(requestId, reason);
    }
  }

  /** The connection has ended: nobody is left to answer. */
  stop(reason: RpcError): void {
    this.#deadlines.stop();
    this.#received.clear();
    for (const requestId of [...this.#calls.keys(), ...this.#streams.keys()]) this.#drop(requestId, reason);
  }

  #call(frame: RequestFrame): void {
    const { requestId, payload } = frame;
    const registered = this.#scope.registry.resolve(frame.service, frame.method);
    const { method, fullName } = registered;
    if (method.kind !== 'unary') throw notOfKind('unary', method.kind, fullName);
    checkCount('calls', this.#calls.size, this.#callCount, this.#scope.limits.maxInFlightCalls);
    const call = this.#context(frame, registered);
    const leave = this.#enter(registered, payload.length);
    let result: Uint8Array | Promise<Uint8Array>;
    try {
      result = this.#bound(registered, call, () => method.handle(payload, call));
    } catch (thrown) {
      leave();
      return this.#responder.fail(requestId, thrown, fullName);
    }
    if (result instanceof Uint8Array) {
      leave();
      return this.#responder.reply(requestId, result, fullName);
    }
    this.#calls.set(requestId, { call, fullName });
    this.#callCount += 1;
    this.#deadlines.note(call.deadlineMs);
    // These may wait for long: they keep the number of bytes, and not the bytes.
    Promise.resolve(result).then(
      (reply) =>
        this.#settle(requestId, call, leave, () => this.#responder.reply(requestId, reply, fullName)),
      (thrown: unknown) =>
        this.#settle(requestId, call, leave, () => this.#responder.fail(requestId, thrown, fullName)),
    );
  }

  #open(frame: RequestFrame): void {
    const { requestId, service } = frame;
    const registered = this.#scope.registry.resolve(service, frame.method);
    const { method, fullName } = registered;
    if (method.kind === 'unary' || method.kind === 'one-way' || method.kind !== METHOD_KIND[frame.kind]) {
      throw notOfKind(METHOD_KIND[frame.kind], method.kind, fullName);
    }
    const { callerWindowBytes, maxStreams } = this.#scope.limits;
    checkCount('streams', this.#streams.size, this.#streamCount, maxStreams);
    const call = this.#context(frame, registered);
    const takesItems = method.kind !== 'stream';
    const bytes = frame.payload.length + (takesItems ? callerWindowBytes : 0);
    // A client owes us the end of its items also where it has had its answer.
    if (takesItems) checkCount('streams of items', 0, this.#received.size, maxStreams);
    const leave = this.#enter(registered, bytes);
    const items = takesItems ? this.#received.open(requestId, callerWindowBytes, registered.gate) : undefined;
    const open: OpenStream = { call, serviceId: service, fullName, items };
    this.#streams.set(requestId, open);
    this.#streamCount += 1;
    this.#deadlines.note(call.deadlineMs);
    void this.#bound(registered, call, () => this.#run(frame, open, method, leave));
  }

  async #run(
    frame: RequestFrame,
    open: OpenStream,
    method: StreamingMethod,
    leave: () => void,
  ): Promise<void> {
    const { requestId } = frame;
    await runStream({
      frame,
      open,
      method,
      responder: this.#responder,
      whenWritable: this.#whenWritable,
      isWaiting: () => this.#streams.get(requestId) === open,
    });
    open.items?.close();
    leave();
    this.#streamCount -= 1;
    if (this.#streams.get(requestId) === open) this.#streams.delete(requestId);
    this.#maybeIdle();
  }

  #send(frame: RequestFrame): void {
    const registered = this.#scope.registry.resolve(frame.service, frame.method);
    const { method, fullName } = registered;
    if (method.kind !== 'one-way') throw notOfKind('one-way', method.kind, fullName);
    try {
      const call = this.#context(frame, registered);
      this.#bound(registered, call, () => method.handle(frame.payload, call));
    } catch (thrown) {
      this.#scope.logger.log('error', `the handler of ${fullName} failed: ${messageOf(thrown)}`, { thrown });
    }
  }

  /** Calls a handler with what is bound for it: the metadata of its caller, and what the owner of the server adds. */
  #bound<Result>({ readsBindings }: RegisteredMethod, call: ServerCall, handle: () => Result): Result {
    if (!readsBindings) return handle();
    const { around } = this.#scope;
    const inside = around ? () => around(handle) : handle;
    // A caller in this process is as far away as any other.
    return unbound(() => CALL_METADATA.run(call.metadata, inside));
  }

  /** Takes room for it on the server and in its service; throws when there is none. Calling what it gives leaves again. */
  #enter({ gate }: RegisteredMethod, bytes: number): () => void {
    const beganMs = gate?.enter() ?? 0;
    try {
      this.#turnstile.enter(bytes);
    } catch (refusal) {
      gate?.leave(beganMs);
      throw refusal;
    }
    return () => {
      gate?.leave(beganMs);
      this.#turnstile.leave(bytes);
    };
  }

  #context(
    { requestId, metadata, payload, remainingMs }: RequestFrame,
    { gate }: RegisteredMethod,
  ): ServerCall {
    if (this.#calls.has(requestId) || this.#streams.has(requestId) || this.#received.has(requestId)) {
      throw new MalformedBytes(`request ${requestId} is running already`);
    }
    if (metadata && metadata.length > this.#scope.limits.maxMetadataBytes) {
      throw new RpcError('InvalidArgument', `${metadata.length} bytes of metadata are too many`);
    }
    const tooLarge = gate?.refusalOf(payload.length);
    if (tooLarge) throw tooLarge;
    const { clock } = this.#scope;
    const deadlineMs = remainingMs === undefined ? Infinity : clock.monotonicMs() + remainingMs;
    const decoded = metadata ? decodeMetadata(metadata) : NO_METADATA;
    return new ServerCall(this.#connection, decoded, deadlineMs, clock);
  }

  /** A handler is done; its answer counts if the request still waits for one. */
  #settle(requestId: number, call: ServerCall, leave: () => void, answer: () => void): void {
    this.#callCount -= 1;
    leave();
    const waiting = this.#calls.get(requestId);
    if (waiting?.call !== call) return;
    this.#calls.delete(requestId);
    answer();
    this.#maybeIdle();
  }

  #drop(requestId: number, reason: RpcError): void {
    this.#calls.get(requestId)?.call.abort(reason);
    this.#calls.delete(requestId);
    const open = this.#streams.get(requestId);
    this.#streams.delete(requestId);
    open?.call.abort(reason);
    open?.items?.abort(reason);
    open?.stream?.stop();
    this.#maybeIdle();
  }

  /** Ends it from this side. */
  #fail(requestId: number, reason: RpcError): void {
    const fullName = (this.#calls.get(requestId) ?? this.#streams.get(requestId))?.fullName;
    if (fullName === undefined) return;
    this.#drop(requestId, reason);
    this.#responder.fail(requestId, reason, fullName);
  }

  #expire(nowMs: number): number {
    let nextDeadlineMs = Infinity;
    for (const [requestId, { call, fullName }] of [...this.#calls, ...this.#streams]) {
      const { deadlineMs } = call;
      if (deadlineMs > nowMs) {
        nextDeadlineMs = Math.min(nextDeadlineMs, deadlineMs);
        continue;
      }
      this.#fail(requestId, new RpcError('DeadlineExceeded', `${fullName} did not answer in time`));
    }
    return nextDeadlineMs;
  }

  #maybeIdle(): void {
    if (this.isIdle) this.#scope.idle();
  }
}

function notOfKind(kind: string, actual: string, fullName: string): RpcError {
  return new RpcError('Unimplemented', `${fullName} is ${actual} and was called as ${kind}`);
}
