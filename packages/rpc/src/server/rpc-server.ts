import { type Clock, createDeferred, type Logger, silentLogger, systemClock } from '@decoraft/base';
import { isLoopback, parseAddress } from '../address.js';
import { CloseCode } from '../close-codes.js';
import { RpcError } from '../errors.js';
import { resolveLimits, type RpcLimits } from '../limits.js';
import { Room } from '../room.js';
import type { Service } from '../service.js';
import type { AcceptedConnection, ConnectionEvents, Listener, Listening } from '../transport.js';
import type { ServerScope } from './dispatcher.js';
import type { HandlerScope } from './handler-scope.js';
import { checkInterceptors, type ServerInterceptor } from './interceptors.js';
import { nearListener } from './near-listener.js';
import { checkOrigins } from './origins.js';
import { ServerConnection } from './server-connection.js';
import { type ServiceDescription, type ServiceOptions, ServiceRegistry } from './service-registry.js';
import { webSocketListener } from './websocket-listener.js';

const DEFAULT_DRAIN_MS = 2_000;

export interface RpcServerOptions {
  /** `host:port` or `[::1]:port`; port 0 takes a free one. */
  readonly address: string;
  /** Must be written out to listen beyond loopback: there is no TLS and no authentication yet. */
  readonly insecure?: boolean | undefined;
  /**
   * The browser origins that may connect, such as `https://app.example.org`, exactly as browsers send them: no path, no
   * slash at the end, no default port. None when left out, not even the server's own host. What is no browser sends no
   * `Origin` and is not asked for one.
   */
  readonly origins?: readonly string[] | undefined;
  /** Around the handlers of all services, the first of them outermost. */
  readonly interceptors?: readonly ServerInterceptor[] | undefined;
  readonly limits?: Partial<RpcLimits> | undefined;
  /**
   * Whether callers of the same process reach it without a socket, under the address on which it listens; true when left
   * out. The same checks, limits and errors hold, and what they send is copied. Means nothing beside a `listener`.
   */
  readonly shortcut?: boolean | undefined;
  /** WebSockets when left out. Who gives one decides himself who can reach it. */
  readonly listener?: Listener | undefined;
  /** Says nothing when left out. */
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** Many services on one port. */
export class RpcServer {
  readonly #listener: Listener;
  readonly #scope: ServerScope;
  readonly #registry: ServiceRegistry;
  readonly #connections = new Set<ServerConnection>();
  readonly #drained = createDeferred<void>();
  #around: HandlerScope | undefined;
  #address: string;
  #listening: Promise<Listening> | undefined;
  #closing: Promise<void> | undefined;
  #connectionCount = 0;
  /** Unsent, of all connections. */
  #bufferedBytes = 0;
  /** Whether all connections were ended that there were. */
  #hasClosed = false;

  /**
   * @throws RpcError `InvalidArgument` for a bad address, limit, origin or interceptor, or an address beyond loopback
   *   without `insecure`.
   */
  constructor(options: RpcServerOptions) {
    const { address, insecure = false, origins = [], logger = silentLogger, clock = systemClock } = options;
    const { host } = parseAddress(address);
    if (!options.listener && !insecure && !isLoopback(host)) {
      throw new RpcError(
        'InvalidArgument',
        `${address} can be reached from other machines, and there is no TLS and no authentication yet: listen on ` +
          '127.0.0.1, or write `insecure: true` if the network itself keeps strangers out',
      );
    }
    const { interceptors = [], shortcut = true } = options;
    checkOrigins(origins);
    checkInterceptors(interceptors);
    this.#registry = new ServiceRegistry(interceptors, clock);
    this.#address = address;
    const sockets = webSocketListener({ origins, logger });
    this.#listener = options.listener ?? (shortcut ? nearListener(sockets) : sockets);
    const isDraining = () => this.#closing !== undefined;
    const around = () => this.#around;
    const limits = resolveLimits(options.limits);
    this.#scope = {
      registry: this.#registry,
      limits,
      room: new Room({
        maxCount: limits.maxServerCalls,
        maxBytes: limits.maxServerCallBytes,
        maxClientCount: limits.maxServerCalls,
        maxClientBytes: limits.maxInFlightBytes,
      }),
      clock,
      logger,
      get isDraining() {
        return isDraining();
      },
      get around() {
        return around();
      },
      idle: () => this.#maybeDrained(),
      countBuffered: (bytes) => this.#countBuffered(bytes),
    };
  }

  /** Where it listens; before {@link listen}, where it will, with port 0 as it was given. */
  get address(): string {
    return this.#address;
  }

  /**
   * Makes a service reachable, now or once the server listens.
   *
   * @param name What callers name it by; its stable hash travels.
   * One service may be registered under many names.
   *
   * @param options An ID of its own, limits and interceptors of this service.
   * @throws RpcError `InvalidArgument` when the name, its ID or two methods of the service collide, the ID is reserved,
   *   and for a limit or interceptor that is none.
   */
  register(name: string, service: Service, options: ServiceOptions = {}): void {
    this.#registry.register(name, service, options);
  }

  /** What is registered now, in that order: for reflection. */
  services(): readonly ServiceDescription[] {
    return this.#registry.list();
  }

  /** Makes it unreachable at once: its streams end with `Unavailable`, calls that are running finish. */
  unregister(name: string): void {
    const id = this.#registry.unregister(name);
    if (id === undefined) return;
    for (const connection of this.#connections) connection.stopStreamsOf(id);
  }

  /**
   * Has this called around all handlers, together with their interceptors, inside of what was given before: for bindings
   * that they are to see.
   */
  bindAround(scope: HandlerScope): void {
    const outer = this.#around;
    this.#around = outer ? (handle) => outer(() => scope(handle)) : scope;
  }

  /** @throws RpcError `Unavailable` when the address cannot be listened on, or the server is closed. */
  async listen(): Promise<void> {
    if (this.#closing) throw new RpcError('Unavailable', 'this server is closed');
    this.#listening ??= this.#listener.listen(
      this.#address,
      (connection) => this.#accept(connection),
      this.#scope.limits,
    );
    try {
      ({ address: this.#address } = await this.#listening);
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
  }

  /**
   * Closes: no new connections and requests (`Unavailable`), streams end, running calls finish or meet their
   * deadline, then the connections close.
   *
   * @param options `drainMs` is how long running calls have; 2,000 when left out. Then they are aborted.
   */
  close(options: { readonly drainMs?: number | undefined } = {}): Promise<void> {
    return (this.#closing ??= this.#close(options.drainMs ?? DEFAULT_DRAIN_MS));
  }

  async #close(drainMs: number): Promise<void> {
    // Not before `#closing` is set.
    await Promise.resolve();
    const listening = await this.#listening?.catch(() => undefined);
    const stopped = listening?.close();
    for (const connection of this.#connections) connection.drain();
    const timer = this.#scope.clock.after(drainMs, this.#drained.resolve);
    this.#maybeDrained();
    await this.#drained.promise;
    timer.cancel();
    this.#hasClosed = true;
    for (const connection of this.#connections) connection.end(CloseCode.goingAway, 'the server has closed');
    await stopped;
  }

  #accept(connection: AcceptedConnection): ConnectionEvents {
    const id = ++this.#connectionCount;
    const accepted = new ServerConnection(this.#scope, connection, id, () =>
      this.#connections.delete(accepted),
    );
    this.#connections.add(accepted);
    // It was on its way when the listener closed.
    if (this.#hasClosed) accepted.end(CloseCode.goingAway, 'the server has closed');
    const { maxConnections } = this.#scope.limits;
    if (this.#connections.size > maxConnections) {
      accepted.end(CloseCode.tryAgainLater, `this server holds ${maxConnections} connections already`);
    }
    return accepted;
  }

  /** Where all connections together hold too much, whoever reads slowest gives way. */
  #countBuffered(bytes: number): void {
    this.#bufferedBytes += bytes;
    if (bytes < 0 || this.#bufferedBytes <= this.#scope.limits.maxServerBufferedBytes) return;
    let slowest: ServerConnection | undefined;
    for (const connection of this.#connections) {
      if (!slowest || connection.bufferedBytes > slowest.bufferedBytes) slowest = connection;
    }
    slowest?.abort('all connections together have too much to be read');
  }

  #maybeDrained(): void {
    if (!this.#closing) return;
    for (const connection of this.#connections) if (!connection.isIdle) return;
    this.#drained.resolve();
  }
}
