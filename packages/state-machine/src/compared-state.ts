import type { RegisteredMachine } from './registration.js';
import { joinBytes } from './state/join-bytes.js';
import { openMachine } from './state/machine-state.js';

/** A state of no more bytes is compared every time; a larger one once in so many times. */
const EVERY_TIME_BYTES = 16 * 1024;
/** A state of more bytes is not compared. */
const COMPARED_BYTES = 1024 * 1024;
/** Times for which a state that was found to be too large is believed to be so. */
const TOO_LARGE_FOR = 10_000;

/** Who compares states around what runs, in development: often where they are small, rarely or never where they are large. */
export class ComparedStates {
  /** How many times are to pass before the state of a machine is looked at again. */
  readonly #skips = new WeakMap<object, number>();

  /** The bytes of the state; `undefined` where they are not looked at this time. */
  maybeEncode(machine: RegisteredMachine): Uint8Array | undefined {
    const { instance } = machine;
    const skip = this.#skips.get(instance) ?? 0;
    if (skip > 0) {
      this.#skips.set(instance, skip - 1);
      return undefined;
    }
    const state = encodeCompared(machine);
    const rarely = state ? Math.floor(state.length / EVERY_TIME_BYTES) : TOO_LARGE_FOR;
    if (rarely > 0) this.#skips.set(instance, rarely);
    return state;
  }
}

/** What the state comes to; `undefined` for one that is too large, waits, or is none. */
export function encodeCompared(machine: RegisteredMachine): Uint8Array | undefined {
  const pieces: Uint8Array[] = [];
  // A generator takes its view of the whole state first: as much work as the state is large.
  if (machine.instance.snapshot && machine.instance.snapshot.constructor.name !== 'Function')
    return undefined;
  try {
    const source = openMachine(machine);
    let size = 0;
    for (let piece = source.next(); piece; piece = source.next()) {
      if (piece instanceof Promise) {
        piece.catch(() => undefined);
        source.close();
        return undefined;
      }
      pieces.push(piece);
      size += piece.length;
      if (size > COMPARED_BYTES) {
        source.close();
        return undefined;
      }
    }
  } catch {
    // A state that no snapshot can hold is told of by snapshots.
    return undefined;
  }
  return joinBytes(pieces);
}

export function areEqualBytes(one: Uint8Array, other: Uint8Array | undefined): boolean {
  if (one.length !== other?.length) return false;
  return one.every((byte, at) => byte === other[at]);
}
