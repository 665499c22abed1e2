import type { AcceptedConnection, Connection, ConnectionEvents } from './transport.js';

const CUT_OFF = 1_006;

export type Accept = (connection: AcceptedConnection) => ConnectionEvents;

/** The listening end of one address. */
export class MemoryHost {
  readonly #accept: Accept;
  readonly #name: string;
  readonly #accepted = new Set<MemoryConnection>();
  #onEmptied: (() => void) | undefined;
  #clientCount = 0;

  /** @param name Stands before the colon in the `remoteAddress` of what is accepted. */
  constructor(accept: Accept, name = 'memory') {
    this.#accept = accept;
    this.#name = name;
  }

  connect(clientEvents: ConnectionEvents): Connection {
    const client = new MemoryConnection(this.#name, clientEvents);
    const server = new MemoryConnection(`${this.#name}:${++this.#clientCount}`);
    client.peer = server;
    server.peer = client;
    this.#accepted.add(server);
    const events = this.#accept(server);
    server.events = {
      message: (message) => events.message(message),
      drained: () => events.drained(),
      closed: (code, reason) => {
        this.#accepted.delete(server);
        events.closed(code, reason);
        if (this.#accepted.size === 0) this.#onEmptied?.();
      },
    };
    return client;
  }

  /** Resolves when no connection is left. */
  emptied(): Promise<void> {
    if (this.#accepted.size === 0) return Promise.resolve();
    return new Promise((resolve) => void (this.#onEmptied = resolve));
  }

  sever(): void {
    for (const connection of this.#accepted) connection.close(CUT_OFF, '');
  }
}

/** One end. What the other end sent waits here until it is read. */
class MemoryConnection implements AcceptedConnection {
  readonly remoteAddress: string;
  /** The other end and the ear; both are set before anything is sent. */
  peer: MemoryConnection | undefined;
  events: ConnectionEvents | undefined;
  readonly #inbox: Uint8Array[] = [];
  #inboxBytes = 0;
  #end: { readonly code: number; readonly reason: string } | undefined;
  #isPaused = false;
  #isScheduled = false;

  constructor(remoteAddress: string, events?: ConnectionEvents) {
    this.remoteAddress = remoteAddress;
    this.events = events;
  }

  get unreadBytes(): number {
    return this.#inboxBytes;
  }

  get bufferedBytes(): number {
    return this.peer?.unreadBytes ?? 0;
  }

  send(message: Uint8Array): void {
    if (!this.#end) this.peer?.put(message);
  }

  close(code: number, reason: string): void {
    if (this.#end) return;
    this.drop();
    this.peer?.finish(code, reason);
    this.finish(code, reason);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#schedule();
  }

  abort(): void {
    this.peer?.drop();
    this.close(CUT_OFF, '');
  }

  /** What was sent here and not read is lost. */
  drop(): void {
    this.#inbox.length = 0;
    this.#inboxBytes = 0;
  }

  put(message: Uint8Array): void {
    this.#inbox.push(message);
    this.#inboxBytes += message.length;
    this.#schedule();
  }

  finish(code: number, reason: string): void {
    this.#end ??= { code, reason };
    // The end is read even by one who has stopped reading: a real socket would run into its close timeout.
    this.#isPaused = false;
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isPaused) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.#deliver());
  }

  #deliver(): void {
    this.#isScheduled = false;
    for (let message = this.#next(); message; message = this.#next()) {
      this.events?.message(message);
      this.peer?.events?.drained();
    }
    if (!this.#end || this.#inbox.length > 0) return;
    const { events } = this;
    this.events = undefined;
    events?.closed(this.#end.code, this.#end.reason);
  }

  #next(): Uint8Array | undefined {
    if (this.#isPaused) return undefined;
    const message = this.#inbox.shift();
    if (message) this.#inboxBytes -= message.length;
    return message;
  }
}
