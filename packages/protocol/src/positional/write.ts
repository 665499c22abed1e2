/**
 * What emitted encoders call, as `write`: each function writes a value and says whether it fits. Where one says no, what
 * was written before it means nothing; the value goes as MessagePack then. `reference-writer.ts` says the same more slowly.
 */
import { isWellFormed } from '@decoraft/base';
import {
  FORM,
  MAX_POSITIONAL_BIGINT_BYTES,
  MAX_POSITIONAL_DEPTH,
  MAX_POSITIONAL_ITEMS,
  NAN_BYTES,
  PRESENCE,
} from './limits.js';
import { lengthOfNumber, type PositionalWriter } from './writer.js';

/** Writes a value, or gives `false` for one that does not fit. */
export type Write = (to: PositionalWriter, value: unknown) => boolean;

/** Longer texts are left to the engine. */
const SHORT_TEXT = 48;
const BIGINT_END = 1n << BigInt(MAX_POSITIONAL_BIGINT_BYTES * 8 - 1);
const encoder = new TextEncoder();

function writeNull(_to: PositionalWriter, value: unknown): boolean {
  return value === null;
}

function writeUndefined(_to: PositionalWriter, value: unknown): boolean {
  return value === undefined;
}

export { writeNull as null, writeUndefined as undefined };

export function literal(_to: PositionalWriter, value: unknown, expected: unknown): boolean {
  return value === expected && !Object.is(value, -0);
}

/** {@link literal} for where a function is wanted. */
export function only(expected: unknown): Write {
  return (to, value) => literal(to, value, expected);
}

/** The number of a literal among others. */
export function oneOf(to: PositionalWriter, value: unknown, literals: readonly unknown[]): boolean {
  const at = literals.indexOf(value);
  if (at < 0 || Object.is(value, -0)) return false;
  to.number(at);
  return true;
}

export function boolean(to: PositionalWriter, value: unknown): boolean {
  if (typeof value !== 'boolean') return false;
  to.byte(value ? 1 : 0);
  return true;
}

export function number(to: PositionalWriter, value: unknown): boolean {
  return typeof value === 'number' && numeric(to, value);
}

export function date(to: PositionalWriter, value: unknown): boolean {
  if (!(value instanceof Date) || Object.getPrototypeOf(value) !== Date.prototype) return false;
  return numeric(to, value.getTime());
}

function numeric(to: PositionalWriter, value: number): boolean {
  // Zigzag: 0, -1, 1, -2, 2 are 0, 1, 2, 3, 4.
  const zigzag = value >= 0 ? value * 2 : value * -2 - 1;
  const isNegativeZero = value === 0 && Object.is(value, -0);
  if (!isNegativeZero && zigzag < 2 ** 48 && Number.isInteger(value)) {
    to.number(zigzag);
    return true;
  }
  to.ensureRoom(9);
  to.bytes[to.at] = FORM.float;
  if (Number.isNaN(value)) to.bytes.set(NAN_BYTES, to.at + 1);
  else to.view.setFloat64(to.at + 1, value);
  to.at += 9;
  return !isNegativeZero || count(to, 1);
}

export function bigint(to: PositionalWriter, value: unknown): boolean {
  if (typeof value !== 'bigint' || value >= BIGINT_END || value < -BIGINT_END) return false;
  const length = lengthOfBigint(value);
  to.number(length);
  to.ensureRoom(length);
  const digits = BigInt.asUintN(length * 8, value)
    .toString(16)
    .padStart(length * 2, '0');
  for (let at = 0; at < digits.length; at += 2) {
    to.bytes[to.at++] = Number.parseInt(digits.slice(at, at + 2), 16);
  }
  return true;
}

/** Bytes of two's complement. */
function lengthOfBigint(value: bigint): number {
  // What is negative has the sign bit to spare at the powers of two: -128 takes one byte, 128 two.
  const digits = (value < 0n ? ~value : value).toString(2);
  return digits === '0' ? 1 : (digits.length >> 3) + 1;
}

export function string(to: PositionalWriter, value: unknown): boolean {
  if (typeof value !== 'string') return false;
  if (value.length >= SHORT_TEXT) return longText(to, value);
  to.ensureRoom(SHORT_TEXT + 1);
  const { at, bytes: target } = to;
  for (let index = 0; index < value.length; index++) {
    const code = value.charCodeAt(index);
    if (code >= 0x80) return longText(to, value);
    target[at + 1 + index] = code;
  }
  target[at] = value.length;
  to.at = at + 1 + value.length;
  return true;
}

function longText(to: PositionalWriter, value: string): boolean {
  to.ensureRoom(value.length * 3 + 7);
  // Where the text begins if it is ASCII; else it may have to be moved by a few bytes.
  const start = to.at + lengthOfNumber(value.length);
  const { written } = encoder.encodeInto(value, to.bytes.subarray(start));
  // A half of a pair of surrogates was replaced; where there is none, each unit was one byte.
  if (written !== value.length && !isWellFormed(value)) return false;
  const moved = to.at + lengthOfNumber(written);
  if (moved !== start) to.bytes.copyWithin(moved, start, start + written);
  to.number(written);
  to.at += written;
  return true;
}

export function bytes(to: PositionalWriter, value: unknown): boolean {
  if (!(value instanceof Uint8Array)) return false;
  to.number(value.length);
  to.ensureRoom(value.length);
  to.bytes.set(value, to.at);
  to.at += value.length;
  return true;
}

export function array(to: PositionalWriter, value: unknown, element: Write): boolean {
  if (!Array.isArray(value) || !enter(to, value.length)) return false;
  to.number(value.length);
  for (const each of value as readonly unknown[]) if (!writeElement(to, each, element)) return false;
  return end(to);
}

export function set(to: PositionalWriter, value: unknown, element: Write): boolean {
  if (!(value instanceof Set) || Object.getPrototypeOf(value) !== Set.prototype) return false;
  if (!enter(to, 1 + value.size)) return false;
  to.number(value.size);
  for (const each of value) if (!writeElement(to, each, element)) return false;
  return end(to);
}

export function map(to: PositionalWriter, value: unknown, key: Write, element: Write): boolean {
  if (!(value instanceof Map) || Object.getPrototypeOf(value) !== Map.prototype) return false;
  if (!enter(to, 1 + 2 * value.size)) return false;
  to.number(value.size);
  for (const [name, each] of value) {
    const start = to.at;
    if (!key(to, name) || !element(to, each)) return false;
    if (to.at === start) to.byte(0);
  }
  return end(to);
}

export function record(to: PositionalWriter, value: unknown, element: Write): boolean {
  if (!isData(value)) return false;
  const keys = Object.keys(value);
  if (!enter(to, 2 * keys.length)) return false;
  to.number(keys.length);
  for (const key of keys) {
    if (key === '__proto__' && !count(to, 1)) return false;
    if (!string(to, key) || !element(to, value[key])) return false;
  }
  return end(to);
}

/** A tuple that always has the same length. */
export function tuple(to: PositionalWriter, value: unknown, elements: readonly Write[]): boolean {
  if (!Array.isArray(value) || value.length !== elements.length || !enter(to, value.length)) return false;
  const values: readonly unknown[] = value;
  return elements.every((write, at) => write(to, values[at])) && end(to);
}

/** @param others Each element behind the optional ones; without it there are none. */
export function openTuple(
  to: PositionalWriter,
  value: unknown,
  required: readonly Write[],
  optional: readonly Write[],
  others?: Write,
): boolean {
  if (!Array.isArray(value) || value.length < required.length || !enter(to, value.length)) return false;
  const values: readonly unknown[] = value;
  to.number(values.length - required.length);
  for (const [at, each] of values.entries()) {
    const always = required[at];
    const sometimes = optional[at - required.length];
    if (always ? !always(to, each) : sometimes ? !maybe(to, each, sometimes) : !others) return false;
    if (!always && !sometimes && others && !writeElement(to, each, others)) return false;
  }
  return end(to);
}

/** The number of the first option that fits, and the value as that one has it. */
export function union(to: PositionalWriter, value: unknown, options: readonly Write[]): boolean {
  const { at, depth, items } = to;
  for (const [which, option] of options.entries()) {
    to.number(which);
    if (option(to, value)) return true;
    to.at = at;
    to.depth = depth;
    to.items = items;
  }
  return false;
}

/**
 * Begins an object: its properties follow in this order, and then `end`.
 *
 * @returns Whether it is one with all of `required`, and none but these and `optional`.
 */
export function object<Required extends string, Optional extends string = never>(
  to: PositionalWriter,
  value: unknown,
  required: readonly Required[],
  optional: readonly Optional[] = [],
): value is Readonly<Record<Required, unknown>> & Partial<Readonly<Record<Optional, unknown>>> {
  if (!isData(value)) return false;
  let keys = 0;
  let found = 0;
  for (const key in value) {
    keys++;
    // Most objects have them in the order of their type.
    if (key === required[found] || required.includes(key as Required)) found++;
    else if (!optional.includes(key as Optional)) return false;
  }
  return found === required.length && enter(to, 2 * keys);
}

/** A property that may be absent. */
export function property<Name extends string>(
  to: PositionalWriter,
  owner: Partial<Readonly<Record<Name, unknown>>>,
  name: Name,
  write: Write,
): boolean {
  // As MessagePack has it: neither what is inherited nor what is hidden.
  const isThere = Object.prototype.propertyIsEnumerable.call(owner, name);
  const value = isThere ? owner[name] : undefined;
  if (value !== undefined) {
    to.byte(PRESENCE.value);
    return write(to, value);
  }
  to.byte(isThere ? PRESENCE.undefined : PRESENCE.absent);
  return true;
}

/** The end of an object. */
export function end(to: PositionalWriter): boolean {
  to.depth--;
  return true;
}

/** What may be left out, and is `undefined` then. */
function maybe(to: PositionalWriter, value: unknown, write: Write): boolean {
  if (value === undefined) {
    to.byte(PRESENCE.absent);
    return true;
  }
  to.byte(PRESENCE.value);
  return write(to, value);
}

export { maybe as optional };

/** The arguments behind the last parameter. */
export function rest(to: PositionalWriter, values: readonly unknown[], write: Write): boolean {
  to.number(values.length);
  return values.every((value) => writeElement(to, value, write));
}

/** Takes a byte at least, so that no count can promise more than there are bytes. */
function writeElement(to: PositionalWriter, value: unknown, write: Write): boolean {
  const start = to.at;
  if (!write(to, value)) return false;
  if (to.at === start) to.byte(0);
  return true;
}

function enter(to: PositionalWriter, items: number): boolean {
  return ++to.depth <= MAX_POSITIONAL_DEPTH && count(to, items);
}

/** Counts what the arguments themselves are. */
export function count(to: PositionalWriter, items: number): boolean {
  to.items += items;
  return to.items <= MAX_POSITIONAL_ITEMS;
}

/** An object that is only data, without symbols as keys. */
function isData(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  return isPlain && Object.getOwnPropertySymbols(value).length === 0;
}
