import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { createDeferred, type Logger, messageOf } from '@decoraft/base';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { formatAddress, parseAddress } from '../address.js';
import { CloseCode, cutReason } from '../close-codes.js';
import { RpcError } from '../errors.js';
import type { RpcLimits } from '../limits.js';
import type { AcceptedConnection, ConnectionEvents, Listener, Listening } from '../transport.js';
import { webSocketOptions } from '../websocket-limits.js';
import { OriginComplaints } from './origins.js';

export interface WebSocketListenerOptions {
  /** The browser origins that may connect. */
  readonly origins: readonly string[];
  readonly logger: Logger;
}

type Accept = (connection: AcceptedConnection) => ConnectionEvents;

/** Listens for WebSockets on an HTTP server of its own, which answers everything else with 426. */
export function webSocketListener(options: WebSocketListenerOptions): Listener {
  return {
    async listen(address, accept, limits): Promise<Listening> {
      const { host, port } = parseAddress(address);
      const server = createHttpServer(limits);
      const complaints = new OriginComplaints(options.logger);
      const webSockets = new WebSocketServer({
        noServer: true,
        clientTracking: false,
        ...webSocketOptions(limits),
      });
      server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        socket.on('error', () => undefined);
        const { origin } = request.headers;
        // What is no browser sends no Origin, and a browser cannot leave it out.
        if (origin !== undefined && !options.origins.includes(origin)) {
          complaints.about(origin, remoteAddressOf(request));
          return refuse(socket, 403, `The origin ${origin} is not among this server's \`origins\`.\n`);
        }
        webSockets.handleUpgrade(request, socket, head, (webSocket) => {
          adopt(webSocket, remoteAddressOf(request), accept, options.logger);
        });
      });
      await listenOn(server, host, port);
      const bound = server.address();
      const actualPort = typeof bound === 'object' && bound ? bound.port : port;
      return { address: formatAddress({ host, port: actualPort }), close: () => closeServer(server) };
    },
  };
}

function createHttpServer(limits: RpcLimits): Server {
  const server = createServer(
    {
      headersTimeout: limits.helloTimeoutMs,
      requestTimeout: limits.helloTimeoutMs,
      connectionsCheckingInterval: 1_000,
    },
    (_request, response) =>
      response.writeHead(426, { connection: 'close' }).end('This port speaks WebSocket.\n'),
  );
  server.maxConnections = limits.maxConnections;
  return server;
}

function refuse(socket: Duplex, status: number, words: string): void {
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(words)}`,
    '',
    words,
  ];
  socket.end(lines.join('\r\n'));
}

function remoteAddressOf({ socket }: IncomingMessage): string {
  return formatAddress({ host: socket.remoteAddress ?? 'unknown', port: socket.remotePort ?? 0 });
}

async function listenOn(server: Server, host: string, port: number): Promise<void> {
  const listening = createDeferred<void>();
  server.once('error', listening.reject);
  server.listen({ host, port }, listening.resolve);
  try {
    await listening.promise;
  } catch (cause) {
    const address = formatAddress({ host, port });
    throw new RpcError('Unavailable', `cannot listen on ${address}: ${messageOf(cause)}`, { cause });
  }
  server.off('error', listening.reject);
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    // Those that never became a WebSocket have nothing to drain.
    server.closeAllConnections();
  });
}

/** The one place where a WebSocket's events enter: whatever goes wrong ends that connection and nothing else. */
function adopt(webSocket: WebSocket, remoteAddress: string, accept: Accept, logger: Logger): void {
  const fail = (thrown: unknown) => {
    logger.log('error', `a connection failed: ${messageOf(thrown)}`, { thrown, remoteAddress });
    webSocket.close(CloseCode.internalError, 'internal error');
  };
  let events: ConnectionEvents;
  // `ws` closes by itself, with the code that fits.
  webSocket.on('error', (error) => logger.log('warn', error.message, { remoteAddress }));
  try {
    events = accept(new AcceptedWebSocket(webSocket, remoteAddress, () => events.drained()));
  } catch (thrown) {
    return fail(thrown);
  }
  webSocket.on('message', (data: RawData, isBinary: boolean) => {
    try {
      if (isBinary && Buffer.isBuffer(data)) {
        events.message(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      } else webSocket.close(CloseCode.unsupportedData, 'text is not of this protocol');
    } catch (thrown) {
      fail(thrown);
    }
  });
  webSocket.on('close', (code, reason) => events.closed(code, reason.toString()));
}

class AcceptedWebSocket implements AcceptedConnection {
  readonly remoteAddress: string;
  readonly #webSocket: WebSocket;
  readonly #onWritten: () => void;

  constructor(webSocket: WebSocket, remoteAddress: string, onWritten: () => void) {
    this.#webSocket = webSocket;
    this.remoteAddress = remoteAddress;
    this.#onWritten = onWritten;
  }

  get bufferedBytes(): number {
    return this.#webSocket.bufferedAmount;
  }

  send(message: Uint8Array): void {
    this.#webSocket.send(message, this.#onWritten);
  }

  close(code: number, reason: string): void {
    this.#webSocket.close(code, cutReason(reason));
  }

  pause(): void {
    this.#webSocket.pause();
  }

  resume(): void {
    this.#webSocket.resume();
  }

  abort(): void {
    this.#webSocket.terminate();
  }
}
