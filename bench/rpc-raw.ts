/**
 * The measure for the RPC layer: what a careful hand gets out of `ws` and `msgpackr` alone. One message for each
 * turn of the event loop, holding all that was ready as one packed array; no errors, deadlines, limits or checks.
 */
import { Packr } from 'msgpackr';
import { WebSocket, type WebSocketServer } from 'ws';

type Request = readonly [id: number, method: string, args: readonly unknown[]];
type Reply = readonly [id: number, result: unknown];
type Handlers = Readonly<Record<string, (...args: never[]) => unknown>>;

const packr = new Packr({ useRecords: false, mapsAsObjects: true });

/** Gathers what is pushed in one turn and sends it as one message. */
function batching(socket: WebSocket): (item: Request | Reply) => void {
  let batch: (Request | Reply)[] = [];
  const flush = () => {
    const message = packr.pack(batch);
    batch = [];
    if (socket.readyState === WebSocket.OPEN) socket.send(message);
  };
  return (item) => {
    if (batch.push(item) === 1) setImmediate(flush);
  };
}

export function serveRaw(server: WebSocketServer, handlers: Handlers): void {
  server.on('connection', (socket) => {
    const reply = batching(socket);
    socket.on('message', (message: Buffer) => {
      const requests: readonly Request[] = packr.unpack(message);
      for (const [id, method, args] of requests) {
        const handler = handlers[method];
        if (handler) reply([id, Reflect.apply(handler, undefined, args)]);
      }
    });
  });
}

export class RawClient {
  readonly #socket: WebSocket;
  readonly #pending = new Map<number, (result: unknown) => void>();
  readonly #request: (request: Request) => void;
  #lastId = 0;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    this.#request = batching(socket);
    socket.on('message', (message: Buffer) => {
      const replies: readonly Reply[] = packr.unpack(message);
      for (const [id, result] of replies) {
        this.#pending.get(id)?.(result);
        this.#pending.delete(id);
      }
    });
  }

  static async connect(url: string): Promise<RawClient> {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    await new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    return new RawClient(socket);
  }

  call(method: string, args: readonly unknown[]): Promise<unknown> {
    return new Promise((resolve) => {
      const id = ++this.#lastId;
      this.#pending.set(id, resolve);
      this.#request([id, method, args]);
    });
  }

  close(): void {
    this.#socket.close();
  }
}
