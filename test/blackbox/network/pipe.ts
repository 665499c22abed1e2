import type { Socket } from 'node:net';
import type { Random } from '@decoraft/base';
import type { Wire } from './wire.js';

/** Waits here at most; beyond that the sender has to wait, as with any network. */
const HELD_BYTES = 262_144;

interface Held {
  /** `undefined` is the end of the connection. */
  readonly chunk: Buffer | undefined;
  readonly dueMs: number;
}

/** Carries the bytes of one connection in one direction, as its wire allows. */
export class Pipe {
  readonly #source: Socket;
  readonly #target: Socket;
  readonly #wire: Wire;
  readonly #random: Random;
  readonly #unwatch: () => void;
  readonly #held: Held[] = [];
  #heldBytes = 0;
  #lastDueMs = 0;
  /** Since the wire began to drop. */
  #droppingAfter: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  private constructor(source: Socket, target: Socket, wire: Wire, random: Random) {
    this.#source = source;
    this.#target = target;
    this.#wire = wire;
    this.#random = random;
    this.#unwatch = wire.watch(() => this.#wireChanged());
    source.on('data', (chunk: Buffer) => this.#hold(chunk));
    source.once('end', () => this.#hold(undefined));
    source.once('close', () => this.#hold(undefined));
    source.on('error', () => undefined);
    target.on('drain', () => this.#flush());
    target.once('close', () => this.#stop());
  }

  /** It lives as long as its sockets do. */
  static lay(source: Socket, target: Socket, wire: Wire, random: Random): void {
    const pipe = new Pipe(source, target, wire, random);
    pipe.#wireChanged();
  }

  #wireChanged(): void {
    const { mode } = this.#wire;
    this.#droppingAfter = mode.kind === 'drop' ? mode.afterBytes : undefined;
    this.#flush();
  }

  #hold(chunk: Buffer | undefined): void {
    if (this.#isStopped) return;
    const { mode } = this.#wire;
    const delayMs = mode.kind === 'delay' ? this.#random() * mode.mostMs : 0;
    this.#lastDueMs = Math.max(this.#lastDueMs, performance.now() + delayMs);
    this.#held.push({ chunk, dueMs: this.#lastDueMs });
    this.#heldBytes += chunk?.length ?? 0;
    if (this.#heldBytes > HELD_BYTES) this.#source.pause();
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    while (this.#wire.mode.kind !== 'stall' && !this.#target.writableNeedDrain) {
      const [next] = this.#held;
      if (!next) break;
      const waitMs = next.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#flush(), waitMs);
        break;
      }
      this.#held.shift();
      this.#heldBytes -= next.chunk?.length ?? 0;
      this.#send(next.chunk);
    }
    if (this.#heldBytes <= HELD_BYTES) this.#source.resume();
  }

  #send(chunk: Buffer | undefined): void {
    if (!chunk) return void this.#target.end();
    if (this.#droppingAfter !== undefined && chunk.length > this.#droppingAfter) {
      this.#target.end(chunk.subarray(0, this.#droppingAfter));
      this.#source.destroy();
      return;
    }
    if (this.#droppingAfter !== undefined) this.#droppingAfter -= chunk.length;
    this.#target.write(chunk);
  }

  #stop(): void {
    this.#isStopped = true;
    this.#unwatch();
    clearTimeout(this.#timer);
    // Whoever still sends this way hears of it when the wire the other way lets it through.
    this.#held.length = 0;
    this.#heldBytes = 0;
    this.#source.resume();
  }
}
