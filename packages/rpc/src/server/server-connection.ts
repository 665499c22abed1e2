import {
  createDeferred,
  type Deferred,
  MalformedBytes,
  messageOf,
  plainMessage,
  type Timer,
} from '@decoraft/base';
import { CloseCode } from '../close-codes.js';
import { RpcError } from '../errors.js';
import { type Frame, readFrames, writeBare } from '../frames.js';
import { readHello, writeHello } from '../hello.js';
import { KeepAlive } from '../keep-alive.js';
import { Outbox } from '../outbox.js';
import type { ConnectionInfo } from '../service.js';
import type { AcceptedConnection, ConnectionEvents } from '../transport.js';
import { Dispatcher, type ServerScope } from './dispatcher.js';
import { Responder } from './responder.js';

/** The server half of a connection: hello, frames, back-pressure, and the end. */
export class ServerConnection implements ConnectionEvents {
  readonly #scope: ServerScope;
  readonly #connection: AcceptedConnection;
  readonly #info: ConnectionInfo;
  readonly #outbox: Outbox;
  readonly #onClosed: () => void;
  readonly #helloTimer: Timer;
  /** Both are there once the client has said hello. */
  #dispatcher: Dispatcher | undefined;
  #keepAlive: KeepAlive | undefined;
  /** There while too much waits to be sent; settles when it has left, or never will. */
  #congestion: Deferred<void> | undefined;
  #hasEnded = false;
  /** Unsent bytes, as they count in the load of the server. */
  #bufferedBytes = 0;

  constructor(scope: ServerScope, connection: AcceptedConnection, id: number, onClosed: () => void) {
    this.#scope = scope;
    this.#connection = connection;
    this.#info = { id, remoteAddress: connection.remoteAddress };
    this.#onClosed = onClosed;
    this.#outbox = new Outbox(connection, () => this.#checkCongestion());
    const { helloTimeoutMs } = scope.limits;
    this.#helloTimer = scope.clock.after(helloTimeoutMs, () =>
      this.end(CloseCode.policyViolation, `no hello within ${helloTimeoutMs} ms`),
    );
  }

  /** Whether nothing on it waits for an answer. */
  get isIdle(): boolean {
    return this.#dispatcher?.isIdle ?? true;
  }

  /** Unsent bytes, when something was last sent or left. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  message(message: Uint8Array): void {
    if (this.#hasEnded) return;
    this.#keepAlive?.heard();
    try {
      if (this.#dispatcher) readFrames(message, (frame) => this.#handle(frame, this.#dispatcher));
      else this.#greet(message);
    } catch (thrown) {
      this.#reject(thrown);
    }
  }

  drained(): void {
    this.#countBuffered(this.#outbox.bufferedBytes);
    // Without congestion it only means that the kernel took the bytes: a half-open connection does that as well.
    if (!this.#congestion) return;
    this.#keepAlive?.heard();
    if (this.#outbox.bufferedBytes * 2 > this.#scope.limits.highWaterBytes) return;
    this.#connection.resume();
    this.#congestion.resolve();
    this.#congestion = undefined;
  }

  closed(code: number): void {
    if (!this.#hasEnded) this.#finish(`the connection closed with ${code}`);
    this.#countBuffered(0);
    this.#onClosed();
  }

  /** No new requests; streams end, since nobody knows whether they ever would. */
  drain(): void {
    if (this.#hasEnded || !this.#dispatcher) return;
    writeBare(this.#outbox, 'goodbye');
    this.#dispatcher.stopStreams(new RpcError('Unavailable', 'this server is closing: ask another one'));
  }

  stopStreamsOf(serviceId: number): void {
    const reason = new RpcError('Unavailable', 'the service is no longer registered');
    this.#dispatcher?.stopStreams(reason, serviceId);
  }

  /** Sends what is ready, and closes. */
  end(code: number, reason: string): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#outbox.flush();
    this.#finish(reason);
    this.#connection.close(code, reason);
  }

  /** Drops what was not sent: for one that does not read, whom no reason would reach either. */
  abort(reason: string): void {
    if (!this.#hasEnded) this.#finish(reason);
    this.#countBuffered(0);
    this.#connection.abort();
  }

  #greet(message: Uint8Array): void {
    const { maxMessageBytes } = readHello(message);
    const { clock, limits, logger } = this.#scope;
    this.#helloTimer.cancel();
    this.#outbox.limitTo(maxMessageBytes);
    this.#dispatcher = new Dispatcher({
      scope: this.#scope,
      responder: new Responder(this.#outbox, maxMessageBytes, logger),
      connection: this.#info,
      whenWritable: () => this.#congestion?.promise,
    });
    this.#keepAlive = new KeepAlive({
      clock,
      intervalMs: limits.keepAliveIntervalMs,
      timeoutMs: limits.keepAliveTimeoutMs,
      ping: () => writeBare(this.#outbox, 'ping'),
      dead: (silentMs) => this.end(CloseCode.policyViolation, `silent for ${silentMs} ms`),
    });
    writeHello(this.#outbox, limits);
    this.#outbox.flush();
    if (this.#scope.isDraining) writeBare(this.#outbox, 'goodbye');
  }

  /** Tells whether to go on with the next frame. */
  #handle(frame: Frame, dispatcher: Dispatcher | undefined): boolean {
    switch (frame.kind) {
      case 'call':
      case 'open':
      case 'send':
      case 'gather':
      case 'converse':
        dispatcher?.request(frame);
        break;
      case 'item':
        dispatcher?.item(frame.requestId, frame.payload);
        break;
      case 'end':
        dispatcher?.endItems(frame.requestId);
        break;
      case 'credit':
        dispatcher?.grant(frame.requestId, frame.bytes);
        break;
      case 'cancel':
        dispatcher?.cancel(frame.requestId);
        break;
      case 'ping':
        writeBare(this.#outbox, 'pong');
        break;
      case 'pong':
        break;
      case 'hello':
      case 'reply':
      case 'fail':
      case 'refuse':
      case 'goodbye':
        throw new MalformedBytes(`${frame.kind} is not for a client to send now`);
    }
    return !this.#hasEnded;
  }

  #reject(thrown: unknown): void {
    if (thrown instanceof MalformedBytes) return this.end(CloseCode.protocolError, plainMessage(thrown));
    this.#scope.logger.log('error', `a connection failed: ${messageOf(thrown)}`, { thrown });
    this.end(CloseCode.internalError, 'internal error');
  }

  /** A client that sends but does not read must not make this side remember all it has not read. */
  #checkCongestion(): void {
    const { limits } = this.#scope;
    const { bufferedBytes } = this.#outbox;
    if (bufferedBytes > limits.maxBufferedBytes) {
      this.abort(`${bufferedBytes} bytes wait to be read, which is too many`);
    } else if (bufferedBytes > limits.highWaterBytes && !this.#congestion) {
      this.#congestion = createDeferred();
      this.#connection.pause();
    }
    if (!this.#hasEnded) this.#countBuffered(bufferedBytes);
  }

  #countBuffered(bytes: number): void {
    const more = bytes - this.#bufferedBytes;
    this.#bufferedBytes = bytes;
    if (more !== 0) this.#scope.countBuffered(more);
  }

  #finish(reason: string): void {
    this.#hasEnded = true;
    this.#helloTimer.cancel();
    this.#keepAlive?.stop();
    this.#outbox.close();
    this.#dispatcher?.stop(new RpcError('Cancelled', reason));
    this.#congestion?.resolve();
    this.#congestion = undefined;
    this.#scope.logger.log('debug', 'a connection ended', { ...this.#info, reason });
  }
}
