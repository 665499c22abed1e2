import { PlatformWebSocket } from '#websocket';
import { messageOf } from '@decoraft/base';
import { formatAddress, parseAddress } from './address.js';
import { CloseCode, cutReason } from './close-codes.js';
import { RpcError } from './errors.js';
import { nearServer } from './shortcut.js';
import type { Connection, ConnectionEvents, Dialer, DialOptions } from './transport.js';
import type { WebSocketConstructor, WebSocketEventLike, WebSocketLike } from './websocket-like.js';
import { webSocketOptions } from './websocket-limits.js';

/** A browser lets a page close with 1000 or 3000 to 4999 only, so this side sends its other codes 3,000 higher. */
const CLIENT_CODE_OFFSET = 3_000;

/** A browser never says that something has left: who has too much to send looks this often. */
const LOOK_INTERVAL_MS = 10;

export interface WebSocketDialerOptions {
  /** The constructor to use in place of the platform's. */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /**
   * Whether a server that listens in this process on exactly the address, which no URL is, is reached without a socket; true
   * when left out, unless a `WebSocket` is given. Frames, limits and copies are the same. The server may switch it off as
   * well.
   */
  readonly shortcut?: boolean | undefined;
}

/**
 * Connects to a server of this process without a socket, see {@link WebSocketDialerOptions.shortcut}; to any other over
 * WebSockets: `ws:` to an address, or whatever a `ws:` or `wss:` URL says.
 */
export function webSocketDialer(options: WebSocketDialerOptions = {}): Dialer {
  const { shortcut = options.WebSocket === undefined, WebSocket: Constructor = PlatformWebSocket } = options;
  return {
    async dial(address, events, dialOptions) {
      if (shortcut && nearServer(address)) {
        // A task later, as a network would: whoever closes meanwhile is reached no more.
        await Promise.resolve();
        if (dialOptions.signal.aborted) throw new RpcError('Unavailable', `gave up to connect to ${address}`);
        const near = nearServer(address);
        if (near) return near.connect(events);
      }
      if (!Constructor)
        throw new RpcError('Unavailable', 'this platform has no WebSocket: give one to the dialer');
      const url = urlOf(address);
      try {
        return await open(
          new Constructor(url, [], webSocketOptions(dialOptions.limits)),
          events,
          dialOptions,
        );
      } catch (cause) {
        throw new RpcError('Unavailable', `cannot connect to ${address}: ${messageOf(cause)}`, { cause });
      }
    },
  };
}

function urlOf(address: string): string {
  return /^wss?:\/\//.test(address) ? address : `ws://${formatAddress(parseAddress(address))}`;
}

function open(
  socket: WebSocketLike,
  events: ConnectionEvents,
  { limits, signal }: DialOptions,
): Promise<Connection> {
  socket.binaryType = 'arraybuffer';
  return new Promise((resolve, reject) => {
    let words = refusedWords();
    let connection: WebSocketConnection | undefined;
    const giveUp = () => socket.close();
    signal.addEventListener('abort', giveUp);
    socket.addEventListener('open', () => {
      connection = new WebSocketConnection(socket, limits.highWaterBytes, () => events.drained());
      signal.removeEventListener('abort', giveUp);
      resolve(connection);
    });
    // Its details come first, then a close event without them.
    socket.addEventListener('error', (event) => void (words = event.message || words));
    socket.addEventListener('close', ({ code = 1_006, reason = '' }) => {
      signal.removeEventListener('abort', giveUp);
      if (!connection) return reject(new Error(words));
      connection.stop();
      events.closed(code, reason);
    });
    socket.addEventListener('message', (event) => receive(socket, events, event));
  });
}

/** A browser hides from its page why there is no connection; the most likely reason beside a node that is down. */
function refusedWords(): string {
  const { location } = globalThis as { readonly location?: { readonly origin?: string } };
  if (location?.origin === undefined) return 'the connection was refused';
  return `the connection was refused; if the node runs, does it list ${location.origin} among its \`origins\`?`;
}

function receive(socket: WebSocketLike, events: ConnectionEvents, { data }: WebSocketEventLike): void {
  if (data instanceof ArrayBuffer) events.message(new Uint8Array(data));
  else socket.close(CloseCode.unsupportedData + CLIENT_CODE_OFFSET, 'text is not of this protocol');
}

class WebSocketConnection implements Connection {
  readonly #socket: WebSocketLike;
  readonly #highWaterBytes: number;
  readonly #onDrained: () => void;
  #isLooking = false;
  #hasStopped = false;

  constructor(socket: WebSocketLike, highWaterBytes: number, onDrained: () => void) {
    this.#socket = socket;
    this.#highWaterBytes = highWaterBytes;
    this.#onDrained = onDrained;
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  send(message: Uint8Array): void {
    this.#socket.send(message);
    this.#look();
  }

  close(code: number, reason: string): void {
    const allowed = code === CloseCode.normal ? code : code + CLIENT_CODE_OFFSET;
    this.#socket.close(allowed, cutReason(reason));
    this.stop();
  }

  /** Looks no more at what has left. */
  stop(): void {
    this.#hasStopped = true;
  }

  #look(): void {
    if (this.#isLooking || this.#hasStopped || this.bufferedBytes <= this.#highWaterBytes) return;
    this.#isLooking = true;
    setTimeout(() => {
      this.#isLooking = false;
      if (this.#hasStopped) return;
      if (this.bufferedBytes <= this.#highWaterBytes) this.#onDrained();
      else this.#look();
    }, LOOK_INTERVAL_MS);
  }
}
