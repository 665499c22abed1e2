import { type Clock, type CodedError, createDeferred, MalformedBytes, plainMessage } from '@decoraft/base';
import { agreeOn, cancelled, type ChannelLimits, type ChannelLoad, refusalOf } from './admission.js';
import type { CallOptions, Channel, ChannelOptions } from './channel.js';
import type { ClientRequest } from './client-request.js';
import { CallerItems } from './caller-items.js';
import { ClientStream } from './client-stream.js';
import { CloseCode } from './close-codes.js';
import { DeadlineTimer } from './deadline-timer.js';
import { decodeFailure, decodeRefusal } from './error-codec.js';
import { RpcError } from './errors.js';
import { type Frame, readFrames, type RequestFrame, writeBare, writeCredit, writeRequest } from './frames.js';
import type { Hello } from './hello.js';
import { KeepAlive } from './keep-alive.js';
import type { RpcLimits } from './limits.js';
import { encodeMetadata, mergeMetadata } from './metadata.js';
import { Outbox } from './outbox.js';
import { PendingCall } from './pending-call.js';
import { RequestTable } from './request-table.js';
import type { Connection } from './transport.js';
import { WritableGate } from './writable-gate.js';

export interface ClientChannelOptions {
  readonly connection: Connection;
  /** What the server has said about itself. */
  readonly hello: Hello;
  readonly limits: RpcLimits;
  readonly clock: Clock;
  /** See {@link ChannelOptions.metadata}. */
  readonly metadata?: ChannelOptions['metadata'];
}

/** The client half of a connection: numbers requests, matches what comes back, and ends all of it once. */
export class ClientChannel implements Channel, ChannelLoad {
  readonly #connection: Connection;
  readonly #limits: ChannelLimits;
  readonly #metadata: ChannelOptions['metadata'];
  readonly #streamWindowBytes: number;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #deadlines: DeadlineTimer;
  readonly #keepAlive: KeepAlive;
  readonly #requests = new RequestTable();
  readonly #closed = createDeferred<RpcError>();
  #streamCount = 0;
  readonly #gate: WritableGate;
  /** The server takes no new requests. */
  #isDraining = false;
  /** Why the connection has ended; set once. */
  #end: RpcError | undefined;

  constructor({ connection, hello, limits, clock, metadata }: ClientChannelOptions) {
    this.#connection = connection;
    this.#limits = agreeOn(limits, hello);
    this.#streamWindowBytes = limits.streamWindowBytes;
    this.#clock = clock;
    this.#metadata = metadata;
    this.#outbox = new Outbox(connection, () => this.drained());
    this.#gate = new WritableGate(() => !this.#end && this.bufferedBytes > limits.highWaterBytes);
    this.#outbox.limitTo(hello.maxMessageBytes);
    this.#deadlines = new DeadlineTimer(clock, (nowMs) => this.#expire(nowMs));
    this.#keepAlive = new KeepAlive({
      clock,
      intervalMs: limits.keepAliveIntervalMs,
      timeoutMs: limits.keepAliveTimeoutMs,
      ping: () => writeBare(this.#outbox, 'ping'),
      dead: (silentMs) => this.#fail(CloseCode.policyViolation, `the server was silent for ${silentMs} ms`),
    });
  }

  get bufferedBytes(): number {
    return this.#outbox.bufferedBytes;
  }

  get isOpen(): boolean {
    return !this.#end && !this.#isDraining;
  }

  get closed(): Promise<RpcError> {
    return this.#closed.promise;
  }

  get callCount(): number {
    return this.#requests.size - this.#streamCount;
  }

  get streamCount(): number {
    return this.#streamCount;
  }

  call(service: number, method: number, payload: Uint8Array, options: CallOptions = {}): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const request = this.#request('call', service, method, payload, options);
      const refusal = this.#refusal(request, options);
      if (refusal) reject(refusal);
      else this.#begin(request, options, new PendingCall(this.#deadline(request), resolve, reject));
    });
  }

  stream(
    service: number,
    method: number,
    payload: Uint8Array,
    options: CallOptions = {},
  ): AsyncIterable<Uint8Array> {
    return {
      [Symbol.asyncIterator]: () =>
        this.#openStream(this.#request('open', service, method, payload, options), options),
    };
  }

  clientStream(
    service: number,
    method: number,
    payload: Uint8Array,
    payloads: AsyncIterable<Uint8Array>,
    options: CallOptions = {},
  ): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const request = this.#request('gather', service, method, payload, options);
      const refusal = this.#refusal(request, options);
      if (refusal) reject(refusal);
      else this.#begin(request, options, new PendingCall(this.#deadline(request), resolve, reject), payloads);
    });
  }

  bidirectionalStream(
    service: number,
    method: number,
    payload: Uint8Array,
    payloads: AsyncIterable<Uint8Array>,
    options: CallOptions = {},
  ): AsyncIterable<Uint8Array> {
    return {
      [Symbol.asyncIterator]: () =>
        this.#openStream(this.#request('converse', service, method, payload, options), options, payloads),
    };
  }

  send(service: number, method: number, payload: Uint8Array): boolean {
    const request = this.#request('send', service, method, payload, {});
    if (this.#refusal(request, {})) return false;
    writeRequest(this.#outbox, request);
    return true;
  }

  close(reason = 'closed by this side'): void {
    if (this.#end) return;
    this.#outbox.flush();
    this.#fail(CloseCode.normal, reason);
  }

  /** A message has come from the server. */
  receive(message: Uint8Array): void {
    if (this.#end) return;
    this.#keepAlive.heard();
    try {
      readFrames(message, (frame) => {
        this.#handle(frame);
        return !this.#end;
      });
    } catch (thrown) {
      this.#fail(CloseCode.protocolError, `the server broke the protocol: ${plainMessage(thrown)}`);
    }
  }

  /** Something has left. */
  drained(): void {
    this.#gate.drained();
  }

  /** The connection has closed. */
  disconnected(code: number, reason: string): void {
    this.#finish(`the connection closed with ${code}${reason === '' ? '' : `: ${reason}`}`);
  }

  #request(
    kind: RequestFrame['kind'],
    service: number,
    method: number,
    payload: Uint8Array,
    { timeoutMs, metadata }: CallOptions,
  ): RequestFrame {
    return {
      kind,
      requestId: kind === 'send' ? 0 : this.#requests.nextId(),
      service,
      method,
      remainingMs: timeoutMs === Infinity ? undefined : timeoutMs,
      metadata: kind === 'send' ? undefined : encodeMetadata(mergeMetadata(this.#metadata, metadata)),
      creditBytes: this.#streamWindowBytes,
      payload,
    };
  }

  #refusal(request: RequestFrame, { signal }: CallOptions): RpcError | undefined {
    if (this.#end) return new RpcError('Unavailable', `the channel is closed: ${plainMessage(this.#end)}`);
    if (this.#isDraining) return new RpcError('Unavailable', 'the server is closing: ask another one');
    if (signal?.aborted) return cancelled(signal);
    return refusalOf(request, this, this.#limits);
  }

  #deadline({ remainingMs }: RequestFrame): number {
    return remainingMs === undefined ? Infinity : this.#clock.monotonicMs() + remainingMs;
  }

  #openStream(
    request: RequestFrame,
    options: CallOptions,
    payloads?: AsyncIterable<Uint8Array>,
  ): AsyncIterator<Uint8Array, undefined> {
    const { requestId } = request;
    const stream = new ClientStream(this.#deadline(request), this.#streamWindowBytes, {
      grant: (bytes) => writeCredit(this.#outbox, requestId, bytes),
      leave: () => {
        if (this.#take(requestId)) writeBare(this.#outbox, 'cancel', requestId);
      },
    });
    const refusal = this.#refusal(request, options);
    if (refusal) {
      stream.fail(refusal);
    } else {
      this.#begin(request, options, stream, payloads);
    }
    return stream.inbox;
  }

  #begin(
    request: RequestFrame,
    { signal }: CallOptions,
    waiting: ClientRequest,
    payloads?: AsyncIterable<Uint8Array>,
  ): void {
    const { requestId } = request;
    if (request.kind !== 'call') this.#streamCount += 1;
    if (payloads) waiting.items = this.#itemsOf(requestId, payloads);
    this.#requests.add(requestId, waiting);
    this.#deadlines.note(waiting.deadlineMs);
    if (signal) waiting.watch(signal, () => this.#abandon(requestId, cancelled(signal, true)));
    writeRequest(this.#outbox, request);
    waiting.writtenAt = this.#outbox.flushCount;
    void waiting.items?.run();
  }

  #itemsOf(requestId: number, payloads: AsyncIterable<Uint8Array>): CallerItems {
    return new CallerItems({
      payloads,
      requestId,
      sink: this.#outbox,
      maxMessageBytes: this.#limits.maxMessageBytes,
      whenWritable: () => this.#gate.whenWritable(),
      failed: (error) => this.#abandon(requestId, error),
    });
  }

  #handle(frame: Frame): void {
    switch (frame.kind) {
      case 'reply':
        this.#expect(frame.kind, this.#requests.get(frame.requestId)?.reply(frame.payload));
        return void this.#settle(frame.requestId);
      case 'item':
        return this.#expect(frame.kind, this.#requests.get(frame.requestId)?.item(frame.payload));
      case 'end':
        this.#expect(frame.kind, this.#requests.get(frame.requestId)?.end());
        return void this.#settle(frame.requestId);
      case 'credit':
        return this.#expect(frame.kind, this.#requests.get(frame.requestId)?.grant(frame.bytes));
      case 'fail':
        return this.#reject(frame.requestId, decodeFailure(frame.payload));
      case 'refuse':
        return this.#reject(frame.requestId, decodeRefusal(frame.payload));
      case 'ping':
        return writeBare(this.#outbox, 'pong');
      case 'pong':
        return;
      case 'goodbye':
        this.#isDraining = true;
        return;
      case 'hello':
      case 'call':
      case 'open':
      case 'send':
      case 'gather':
      case 'converse':
      case 'cancel':
        throw new MalformedBytes(`${frame.kind} is not for a server to send`);
    }
  }

  /** A late answer finds no request and is dropped; one of the wrong kind ends the connection. */
  #expect(kind: Frame['kind'], isExpected: boolean | undefined): void {
    if (isExpected === false) throw new MalformedBytes(`${kind} was not what the request waits for`);
  }

  #reject(requestId: number, error: CodedError): void {
    this.#settle(requestId)?.fail(error);
  }

  /** The server has ended it: tells it that no more items come, where it does not know. */
  #settle(requestId: number): ClientRequest | undefined {
    const request = this.#take(requestId);
    if (request?.items?.isOpen) writeBare(this.#outbox, 'cancel', requestId);
    return request;
  }

  #take(requestId: number): ClientRequest | undefined {
    const request = this.#requests.take(requestId);
    if (request?.isStream) this.#streamCount -= 1;
    return request;
  }

  #expire(nowMs: number): number {
    const { requestIds, nextDeadlineMs } = this.#requests.due(nowMs);
    for (const requestId of requestIds) {
      this.#abandon(requestId, new RpcError('DeadlineExceeded', 'no answer came in time', { sent: true }));
    }
    return nextDeadlineMs;
  }

  /** The caller waits no longer: tells the server, which may spare itself the work. */
  #abandon(requestId: number, error: CodedError): void {
    const request = this.#take(requestId);
    if (!request) return;
    writeBare(this.#outbox, 'cancel', requestId);
    request.fail(error);
  }

  #fail(code: number, reason: string): void {
    this.#finish(reason);
    this.#connection.close(code, reason);
  }

  #finish(reason: string): void {
    if (this.#end) return;
    const end = new RpcError('Unavailable', reason);
    this.#end = end;
    const { flushCount } = this.#outbox;
    this.#outbox.close();
    this.#deadlines.stop();
    this.#keepAlive.stop();
    for (const request of this.#requests.takeAll()) {
      request.fail(new RpcError('Unavailable', reason, { cause: end, sent: request.writtenAt < flushCount }));
    }
    this.drained();
    this.#closed.resolve(end);
  }
}
