import { CALL_METADATA, type Clock, type Logger, MalformedBytes, messageOf, unbound } from '@decoraft/base';
import { DeadlineTimer } from '../deadline-timer.js';
import { RpcError } from '../errors.js';
import type { RequestFrame } from '../frames.js';
import type { RpcLimits } from '../limits.js';
import { decodeMetadata, NO_METADATA } from '../metadata.js';
import type { Room } from '../room.js';
import type { ConnectionInfo } from '../service.js';
import type { Responder } from './responder.js';
import { ServerCall } from './server-call.js';
import { ServerStream } from './server-stream.js';
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

/**
 * A handler whose caller has gone still works until it settles. As many of these as there may be live ones are
 * borne besides; who leaves more behind is refused.
 */
const RUNNING_PER_WAITING = 2;

/** Takes one connection's requests to their handlers, and the results back in whatever order they come. */
export class Dispatcher {
  readonly #scope: ServerScope;
  readonly #responder: Responder;
  readonly #connection: ConnectionInfo;
  readonly #whenWritable: () => Promise<void> | undefined;
  readonly #deadlines: DeadlineTimer;
  /** Requests that are waiting for their answer. */
  readonly #calls = new Map<number, { readonly call: ServerCall; readonly fullName: string }>();
  readonly #streams = new Map<number, { readonly stream: ServerStream; readonly fullName: string }>();
  /** Handlers that have not settled, awaited or not. */
  #callCount = 0;
  #streamCount = 0;

  constructor({ scope, responder, connection, whenWritable }: DispatcherOptions) {
    this.#scope = scope;
    this.#responder = responder;
    this.#connection = connection;
    this.#whenWritable = whenWritable;
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
    this.#streams.get(requestId)?.stream.grant(bytes);
  }

  /** The caller waits no longer. Its request may have been answered meanwhile. */
  cancel(requestId: number): void {
    this.#drop(requestId, new RpcError('Cancelled', 'the caller cancelled'));
  }

  /** Ends the streams with `reason`, which their callers are told: those of one service, or all. */
  stopStreams(reason: RpcError, serviceId?: number): void {
    for (const [requestId, { stream, fullName }] of this.#streams) {
      if (serviceId !== undefined && stream.serviceId !== serviceId) continue;
      this.#drop(requestId, reason);
      this.#responder.fail(requestId, reason, fullName);
    }
  }

  /** The connection has ended: nobody is left to answer. */
  stop(reason: RpcError): void {
    this.#deadlines.stop();
    for (const requestId of [...this.#calls.keys(), ...this.#streams.keys()]) this.#drop(requestId, reason);
  }

  #call(frame: RequestFrame): void {
    const { requestId, payload } = frame;
    const { length: bytes } = payload;
    const registered = this.#scope.registry.resolve(frame.service, frame.method);
    const { method, fullName } = registered;
    if (method.kind !== 'unary') throw notOfKind('unary', method.kind, fullName);
    this.#checkRoom('calls', this.#calls.size, this.#callCount, this.#scope.limits.maxInFlightCalls);
    const call = this.#context(frame);
    this.#enter(bytes);
    let result: Uint8Array | Promise<Uint8Array>;
    try {
      result = this.#bound(registered, call, () => method.handle(payload, call));
    } catch (thrown) {
      this.#leave(bytes);
      return this.#responder.fail(requestId, thrown, fullName);
    }
    if (result instanceof Uint8Array) {
      this.#leave(bytes);
      return this.#reply(requestId, result, fullName);
    }
    this.#calls.set(requestId, { call, fullName });
    this.#callCount += 1;
    this.#deadlines.note(call.deadlineMs);
    // These may wait for long: they keep the number of bytes, and not the bytes.
    Promise.resolve(result).then(
      (reply) => this.#settle(requestId, call, bytes, () => this.#reply(requestId, reply, fullName)),
      (thrown: unknown) =>
        this.#settle(requestId, call, bytes, () => this.#responder.fail(requestId, thrown, fullName)),
    );
  }

  #open(frame: RequestFrame): void {
    const { requestId } = frame;
    const { length: bytes } = frame.payload;
    const registered = this.#scope.registry.resolve(frame.service, frame.method);
    const { method, fullName } = registered;
    if (method.kind !== 'stream') throw notOfKind('stream', method.kind, fullName);
    this.#checkRoom('streams', this.#streams.size, this.#streamCount, this.#scope.limits.maxStreams);
    const call = this.#context(frame);
    this.#enter(bytes);
    const stream = new ServerStream(call, frame.service, frame.creditBytes, {
      item: (item) => this.#responder.send('item', requestId, item),
      end: () => this.#responder.end(requestId),
      fail: (thrown) => this.#responder.fail(requestId, thrown, fullName),
      whenWritable: this.#whenWritable,
    });
    this.#streams.set(requestId, { stream, fullName });
    this.#streamCount += 1;
    this.#deadlines.note(call.deadlineMs);
    const running = this.#bound(registered, call, () => stream.run(method, frame.payload));
    void this.#run(requestId, stream, bytes, running);
  }

  async #run(requestId: number, stream: ServerStream, bytes: number, running: Promise<void>): Promise<void> {
    await running;
    this.#leave(bytes);
    this.#streamCount -= 1;
    if (this.#streams.get(requestId)?.stream === stream) this.#streams.delete(requestId);
    this.#maybeIdle();
  }

  #send(frame: RequestFrame): void {
    const registered = this.#scope.registry.resolve(frame.service, frame.method);
    const { method, fullName } = registered;
    if (method.kind !== 'one-way') throw notOfKind('one-way', method.kind, fullName);
    try {
      const call = this.#context(frame);
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

  #reply(requestId: number, reply: Uint8Array, fullName: string): void {
    try {
      this.#responder.send('reply', requestId, reply);
    } catch (thrown) {
      this.#responder.fail(requestId, thrown, fullName);
    }
  }

  #checkRoom(what: string, waiting: number, running: number, limit: number): void {
    if (waiting < limit && running < limit * RUNNING_PER_WAITING) return;
    throw new RpcError('Overloaded', `${running} ${what} are running on this connection, ${waiting} awaited`);
  }

  #enter(bytes: number): void {
    const { room } = this.#scope;
    if (room.tryEnter(this.#connection.id, bytes)) return;
    const words = `${room.count} requests of ${room.bytes} bytes are running on this server`;
    throw new RpcError('Overloaded', `${words}, and this connection has its share of them`);
  }

  #leave(bytes: number): void {
    this.#scope.room.leave(this.#connection.id, bytes);
  }

  #context({ requestId, metadata, remainingMs }: RequestFrame): ServerCall {
    if (this.#calls.has(requestId) || this.#streams.has(requestId)) {
      throw new MalformedBytes(`request ${requestId} is running already`);
    }
    if (metadata && metadata.length > this.#scope.limits.maxMetadataBytes) {
      throw new RpcError('InvalidArgument', `${metadata.length} bytes of metadata are too many`);
    }
    const { clock } = this.#scope;
    const deadlineMs = remainingMs === undefined ? Infinity : clock.monotonicMs() + remainingMs;
    const decoded = metadata ? decodeMetadata(metadata) : NO_METADATA;
    return new ServerCall(this.#connection, decoded, deadlineMs, clock);
  }

  /** A handler is done; its answer counts if the request still waits for one. */
  #settle(requestId: number, call: ServerCall, bytes: number, answer: () => void): void {
    this.#callCount -= 1;
    this.#leave(bytes);
    const waiting = this.#calls.get(requestId);
    if (waiting?.call !== call) return;
    this.#calls.delete(requestId);
    answer();
    this.#maybeIdle();
  }

  #drop(requestId: number, reason: RpcError): void {
    this.#calls.get(requestId)?.call.abort(reason);
    this.#calls.delete(requestId);
    this.#streams.get(requestId)?.stream.stop(reason);
    this.#streams.delete(requestId);
    this.#maybeIdle();
  }

  #expire(nowMs: number): number {
    let nextDeadlineMs = Infinity;
    const waiting = [...this.#calls, ...this.#streams] as const;
    for (const [requestId, request] of waiting) {
      const { deadlineMs } = 'call' in request ? request.call : request.stream.call;
      if (deadlineMs > nowMs) {
        nextDeadlineMs = Math.min(nextDeadlineMs, deadlineMs);
        continue;
      }
      const reason = new RpcError('DeadlineExceeded', `${request.fullName} did not answer in time`);
      this.#drop(requestId, reason);
      this.#responder.fail(requestId, reason, request.fullName);
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
