import type { Random } from '@decoraft/base';
import { splitFrames } from '@decoraft/rpc';
import type { Links, Storm } from './links.js';
import { millisecondsBetween } from './randomness.js';
import type { Scheduler } from './scheduler.js';
import { type ConnectionEnd, CUT_OFF, type SimulatedConnection } from './simulated-connection.js';

type Item =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'close'; readonly end: ConnectionEnd };

export interface PipeOptions {
  readonly from: SimulatedConnection;
  readonly to: SimulatedConnection;
  readonly links: Links;
  readonly scheduler: Scheduler;
  /** For what a storm does to messages. */
  readonly random: Random;
  /** Whether the machine is up at all, and can answer with a reset. */
  readonly isUp: (machine: string) => boolean;
  readonly closeTimeoutMs: number;
  /** Told of every message, before anything happens to it. */
  readonly sent: (machine: string, bytes: Uint8Array) => void;
  readonly count: (kind: 'dropped' | 'duplicated' | 'reordered') => void;
}

/** When a cable is whole again, TCP finds out a little later. */
const RETRANSMIT_MS = 200;

/**
 * One direction of a connection. It keeps the order and loses nothing, as TCP does: while the link is cut, things
 * wait. Only Raft's own messages, which are one-way frames, may be dropped, doubled and overtaken on the way: Raft
 * promises to bear it, and no connection in order would ever show it.
 */
export class Pipe {
  readonly #options: PipeOptions;
  #waiting: Item[] = [];
  #lastArrivalMs = 0;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  message(bytes: Uint8Array): void {
    this.#options.sent(this.#options.from.machine, bytes);
    const { weather } = this.#options.links;
    if (weather && this.#waiting.length === 0) this.#throughStorm(bytes, weather);
    else this.#put({ kind: 'message', bytes });
  }

  close(end: ConnectionEnd): void {
    this.#put({ kind: 'close', end });
  }

  /** How long the other side's answer takes; the close timeout while there is none. */
  roundTripMs(): number {
    const { closeTimeoutMs, from, links, to } = this.#options;
    if (this.#isCut() || links.isCut(to.machine, from.machine)) return closeTimeoutMs;
    return links.latencyMs(from.machine, to.machine) + links.latencyMs(to.machine, from.machine);
  }

  /** A cut has ended somewhere. */
  healed(): void {
    if (this.#waiting.length === 0 || this.#isCut()) return;
    const { random } = this.#options;
    const waiting = this.#waiting;
    this.#waiting = [];
    const { nowMs } = this.#options.scheduler;
    this.#lastArrivalMs = Math.max(
      this.#lastArrivalMs,
      nowMs + millisecondsBetween(random, 0, RETRANSMIT_MS),
    );
    for (const item of waiting) this.#transmit(item);
  }

  #isCut(): boolean {
    const { from, links, to } = this.#options;
    return links.isCut(from.machine, to.machine);
  }

  #put(item: Item): void {
    if (this.#waiting.length > 0 || this.#isCut()) this.#waiting.push(item);
    else this.#transmit(item);
  }

  /** In order: never before what was sent before. */
  #transmit(item: Item): void {
    const { from, links, scheduler, to } = this.#options;
    const { nowMs } = scheduler;
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, nowMs + links.latencyMs(from.machine, to.machine));
    this.#arrive(item, this.#lastArrivalMs - nowMs);
  }

  #arrive(item: Item, delayMs: number): void {
    const { from, to } = this.#options;
    if (to.isGone) {
      if (item.kind === 'message') this.#meetNobody(item.bytes.length, delayMs);
      return;
    }
    if (item.kind === 'close') {
      to.process.schedule(delayMs, 'closed', () => to.ended(item.end));
      return;
    }
    const { bytes } = item;
    const receive = (): void => {
      from.left(bytes.length);
      to.arrived(bytes);
    };
    to.process.schedule(delayMs, 'message', receive, bytes);
  }

  /** A machine that is up and knows no such connection resets it; one that is down says nothing. */
  #meetNobody(bytes: number, delayMs: number): void {
    const { from, isUp, links, to } = this.#options;
    from.left(bytes);
    if (from.isGone || !isUp(to.machine) || links.isCut(to.machine, from.machine)) return;
    const backMs = links.latencyMs(to.machine, from.machine);
    from.process.schedule(delayMs + backMs, 'reset', () => from.ended({ code: CUT_OFF, reason: '' }));
  }

  #throughStorm(message: Uint8Array, storm: Storm): void {
    const ordered: Uint8Array[] = [];
    for (const { bytes, kind } of splitFrames(message)) {
      if (kind === 'send') this.#toss(bytes, storm);
      else ordered.push(bytes);
    }
    if (ordered.length > 0) this.#put({ kind: 'message', bytes: concatenate(ordered) });
  }

  #toss(bytes: Uint8Array, storm: Storm): void {
    const { count, from, links, random, to } = this.#options;
    if (random() < storm.drop) {
      count('dropped');
      from.left(bytes.length);
      return;
    }
    if (random() < storm.duplicate) {
      count('duplicated');
      from.bufferedBytes += bytes.length;
      this.#astray(bytes, storm);
    }
    if (random() < storm.reorder && !links.isCut(from.machine, to.machine)) {
      count('reordered');
      this.#astray(bytes, storm);
    } else {
      this.#put({ kind: 'message', bytes: bytes.slice() });
    }
  }

  /** Comes when it comes; not at all when the link is cut. */
  #astray(bytes: Uint8Array, storm: Storm): void {
    const { from, links, random, to } = this.#options;
    if (links.isCut(from.machine, to.machine)) return from.left(bytes.length);
    const lateMs = millisecondsBetween(random, 0, storm.delayMs);
    this.#arrive(
      { kind: 'message', bytes: bytes.slice() },
      links.latencyMs(from.machine, to.machine) + lateMs,
    );
  }
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
