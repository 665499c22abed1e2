import type { Container, Step } from './path.js';

/** Where in a state a view of memory stands. */
export interface MemoryPlace {
  readonly owner: Container | undefined;
  readonly step: Step;
}

/** The bytes that one view shows. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly place: MemoryPlace;
}

/** Which bytes of which memory the views of a state show. */
export class ShownMemory {
  readonly #ranges = new Map<ArrayBuffer, Range[]>();

  note(buffer: ArrayBuffer, { byteOffset: start, length }: Uint8Array, place: MemoryPlace): void {
    const range = { start, end: start + length, place };
    const ranges = this.#ranges.get(buffer);
    if (ranges) ranges.push(range);
    else this.#ranges.set(buffer, [range]);
  }

  /** A view of bytes that another one shows as well; `undefined` where there is none. */
  shownTwice(): MemoryPlace | undefined {
    for (const ranges of this.#ranges.values()) {
      if (ranges.length === 1) continue;
      const sorted = ranges.toSorted((left, right) => left.start - right.start || left.end - right.end);
      let end = 0;
      for (const range of sorted) {
        if (range.start < end && range.end > range.start) return range.place;
        end = Math.max(end, range.end);
      }
    }
    return undefined;
  }
}

/** The bytes of an array of floats with every NaN written alike; nothing for other memory. */
export function withOneNaN(value: object): Uint8Array | undefined {
  if (!(value instanceof Float32Array || value instanceof Float64Array)) return undefined;
  const copy = value.slice();
  for (let at = 0; at < copy.length; at++) if (Number.isNaN(copy[at])) copy[at] = Number.NaN;
  return new Uint8Array(copy.buffer);
}
