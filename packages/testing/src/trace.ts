/** One thing that happened, as the end of a trace shows it. */
export interface TraceEvent {
  readonly timeMs: number;
  readonly process: string;
  readonly kind: string;
  readonly detail: Uint8Array | string | undefined;
}

/** How many events the end of a trace remembers. */
const REMEMBERED = 512;

/**
 * Everything that happens, as a running hash, and the last part of it in full. Two runs are the same run exactly if
 * their hashes are equal: the hash covers time, process, kind and all bytes of every event, in order.
 */
export class Trace {
  readonly #ring: TraceEvent[] = [];
  #count = 0;
  #low = 0x811c9dc5;
  #high = 0x9e3779b9;
  /** Who is told of every event, if anybody is. */
  observe: ((event: TraceEvent) => void) | undefined;

  get count(): number {
    return this.#count;
  }

  /** 16 hexadecimal digits over all that happened so far. */
  get hash(): string {
    return [this.#high, this.#low].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }

  record(event: TraceEvent): void {
    this.#ring[this.#count % REMEMBERED] = event;
    this.#count += 1;
    this.observe?.(event);
    this.#mix(Math.round(event.timeMs * 1_000));
    this.#mixText(event.process);
    this.#mixText(event.kind);
    const { detail } = event;
    if (typeof detail === 'string') this.#mixText(detail);
    else if (detail) for (const byte of detail) this.#mix(byte);
  }

  /** The newest events, oldest first. */
  last(count: number): readonly TraceEvent[] {
    const size = Math.min(count, REMEMBERED, this.#count);
    const events: TraceEvent[] = [];
    for (let at = this.#count - size; at < this.#count; at++) {
      const event = this.#ring[at % REMEMBERED];
      if (event) events.push(event);
    }
    return events;
  }

  #mixText(text: string): void {
    this.#mix(text.length);
    for (let at = 0; at < text.length; at++) this.#mix(text.charCodeAt(at));
  }

  /** Two lanes with different multipliers, each moved by the other: 64 bits, and no big integers. */
  #mix(value: number): void {
    this.#low = Math.imul(this.#low ^ value, 0x01000193) ^ (this.#high >>> 15);
    this.#high = Math.imul(this.#high ^ value, 0x85ebca6b) ^ (this.#low >>> 13);
  }
}
