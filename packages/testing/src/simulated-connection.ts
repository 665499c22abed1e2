import type { AcceptedConnection, ConnectionEvents } from '@decoraft/rpc';
import type { Pipe } from './pipe.js';
import type { SimulatedProcess } from './simulated-process.js';

export const CUT_OFF = 1_006;

/** The other end is told when this much has left, as sockets do; the rest is small talk. */
const DRAIN_BYTES = 65_536;

export interface ConnectionEnd {
  readonly code: number;
  readonly reason: string;
}

export interface ConnectionOptions {
  /** The machine that this end is on. */
  readonly machine: string;
  readonly process: SimulatedProcess;
  readonly remoteAddress: string;
  /** How long it takes at most until the own close is seen. */
  readonly closeTimeoutMs: number;
  /** Called once, when this end is no more. */
  readonly onGone: () => void;
}

/** One end of a simulated connection. What arrives waits here while its owner does not read. */
export class SimulatedConnection implements AcceptedConnection {
  readonly machine: string;
  readonly process: SimulatedProcess;
  readonly remoteAddress: string;
  /** What was sent and has not been read by the other side's machine. */
  bufferedBytes = 0;
  /** The way to the other end, and who listens here; both are set before anything is sent. */
  pipe: Pipe | undefined;
  events: ConnectionEvents | undefined;
  readonly #options: ConnectionOptions;
  readonly #inbox: Uint8Array[] = [];
  #isPaused = false;
  #wantsDrained = false;
  #isClosing = false;
  #end: ConnectionEnd | undefined;
  #isGone = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.machine = options.machine;
    this.process = options.process;
    this.remoteAddress = options.remoteAddress;
  }

  /** Whether nobody is at this end any more: what arrives here is answered with a reset, if at all. */
  get isGone(): boolean {
    return this.#isGone;
  }

  send(message: Uint8Array): void {
    if (this.#isClosing || this.#isGone) return;
    this.bufferedBytes += message.length;
    if (this.bufferedBytes > DRAIN_BYTES) this.#wantsDrained = true;
    this.pipe?.message(message);
  }

  close(code: number, reason: string): void {
    if (this.#isClosing || this.#isGone) return;
    this.#isClosing = true;
    this.#inbox.length = 0;
    this.pipe?.close({ code, reason });
    const delayMs = this.pipe?.roundTripMs() ?? this.#options.closeTimeoutMs;
    this.process.schedule(delayMs, 'closed', () => this.#finish({ code, reason }));
  }

  /** As {@link close}: only what has not left the sender yet would be lost earlier, and nothing here takes memory. */
  abort(): void {
    this.close(CUT_OFF, '');
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.process.schedule(0, 'resume', () => this.#read());
  }

  /** A message has come over the network. */
  arrived(message: Uint8Array): void {
    if (this.#isClosing || this.#isGone) return;
    this.#inbox.push(message);
    this.#read();
  }

  /** The other side has closed, or a reset came. It is read even by one who has stopped reading. */
  ended(end: ConnectionEnd): void {
    if (this.#isGone) return;
    this.#isPaused = false;
    this.#end = end;
    this.#read();
  }

  /** Bytes have reached the other side, or have been lost where nobody repeats them. */
  left(bytes: number): void {
    this.bufferedBytes -= bytes;
    if (!this.#wantsDrained) return;
    if (this.bufferedBytes === 0) this.#wantsDrained = false;
    if (!this.#isGone) this.process.schedule(0, 'drained', () => this.events?.drained());
  }

  /** The process at this end is dead. */
  vanish(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#inbox.length = 0;
    this.#options.onGone();
  }

  #read(): void {
    for (let message = this.#next(); message; message = this.#next()) this.events?.message(message);
    if (this.#end && this.#inbox.length === 0) this.#finish(this.#end);
  }

  #next(): Uint8Array | undefined {
    return this.#isPaused ? undefined : this.#inbox.shift();
  }

  #finish({ code, reason }: ConnectionEnd): void {
    if (this.#isGone) return;
    this.vanish();
    this.events?.closed(code, reason);
  }
}
