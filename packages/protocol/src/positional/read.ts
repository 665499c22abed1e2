/**
 * What emitted decoders call, as `read`: each function reads a value that has the declared shape, or refuses the bytes
 * with the place at fault. `reference-reader.ts` says the same more slowly.
 */
import { FORM, MAX_DATE_MS, MAX_POSITIONAL_BIGINT_BYTES, NAN_BYTES, PRESENCE } from './limits.js';
import type { PositionalReader } from './reader.js';

/** Reads a value. */
export type Read<Value = unknown> = (from: PositionalReader) => Value;

/** Longer texts are left to the engine. */
const SHORT_TEXT = 24;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function readNull(_from: PositionalReader): null {
  return null;
}

function readUndefined(_from: PositionalReader): undefined {
  return undefined;
}

export { readNull as null, readUndefined as undefined };

/** What is known without any bytes. */
export function only<Literal>(value: Literal): Read<Literal> {
  return () => value;
}

/** One of some literals, by its number. */
export function oneOf<Literal>(from: PositionalReader, literals: readonly Literal[]): Literal {
  return literals[from.number(literals.length, 'option')]!;
}

export function boolean(from: PositionalReader): boolean {
  return from.oneOf(2, 'boolean') === 1;
}

export function number(from: PositionalReader): number {
  if (from.bytes[from.at] === FORM.float) return float(from);
  const zigzag = from.number(2 ** 48, 'number');
  return zigzag % 2 === 0 ? zigzag / 2 : (zigzag + 1) / -2;
}

function float(from: PositionalReader): number {
  const start = from.at;
  from.at++;
  const at = from.take(8);
  const value = floatOf(from.bytes, at);
  if (Object.is(value, -0)) from.count(1);
  else if (Number.isInteger(value) && value < 2 ** 47 && value >= -(2 ** 47)) refuseForm(from, start);
  if (Number.isNaN(value) && NAN_BYTES.some((byte, index) => byte !== from.bytes[at + index])) {
    refuseForm(from, start);
  }
  return value;
}

const float64 = new DataView(new ArrayBuffer(8));

function floatOf(source: Uint8Array, start: number): number {
  for (let at = 0; at < 8; at++) float64.setUint8(at, source[start + at]!);
  return float64.getFloat64(0);
}

function refuseForm(from: PositionalReader, start: number): never {
  return from.refuse('a number that has another form', start);
}

export function date(from: PositionalReader): Date {
  const start = from.at;
  const time = number(from);
  const isTime = Number.isInteger(time) && Math.abs(time) <= MAX_DATE_MS && !Object.is(time, -0);
  if (!isTime && !Number.isNaN(time)) from.refuse('a Date that is no time', start);
  return new Date(time);
}

export function bigint(from: PositionalReader): bigint {
  const start = from.at;
  const length = from.number(MAX_POSITIONAL_BIGINT_BYTES + 1, 'length of a bigint');
  const at = from.take(length);
  let digits = '0x';
  for (let index = at; index < at + length; index++) {
    digits += from.bytes[index]!.toString(16).padStart(2, '0');
  }
  const value = length === 0 ? 0n : BigInt.asIntN(length * 8, BigInt(digits));
  const isShortest = length === 1 || (length > 1 && BigInt.asIntN((length - 1) * 8, value) !== value);
  if (!isShortest) from.refuse('a bigint that has a shorter form', start);
  return value;
}

export function string(from: PositionalReader): string {
  const length = from.number(0x1_0000_0000, 'length');
  const at = from.take(length);
  if (length < SHORT_TEXT) {
    const text = shortText(from.bytes, at, length);
    if (text !== undefined) return text;
  }
  try {
    return decoder.decode(from.bytes.subarray(at, at + length));
  } catch {
    return from.refuse('a string that is not UTF-8', at);
  }
}

/** What is ASCII; `undefined` for anything else. */
function shortText(source: Uint8Array, start: number, length: number): string | undefined {
  let text = '';
  for (let at = start; at < start + length; at++) {
    const code = source[at]!;
    if (code >= 0x80) return undefined;
    text += String.fromCharCode(code);
  }
  return text;
}

export function bytes(from: PositionalReader): Uint8Array {
  const length = from.number(0x1_0000_0000, 'length');
  const at = from.take(length);
  // A copy, so that it does not hold what was received; and no Buffer, of which `slice` would be a view.
  return new Uint8Array(from.bytes.subarray(at, at + length));
}

export function array<Element>(from: PositionalReader, element: Read<Element>): Element[] {
  from.enter();
  const length = from.elements();
  from.count(length);
  const values: Element[] = [];
  for (let at = 0; at < length; at++) values.push(readElement(from, element));
  from.leave();
  return values;
}

export function set<Element>(from: PositionalReader, element: Read<Element>): Set<Element> {
  from.enter();
  from.count(1);
  const length = from.elements();
  from.count(length);
  const values = new Set<Element>();
  for (let at = 0; at < length; at++) values.add(readElement(from, element));
  if (values.size < length) from.refuse('a set with an element twice');
  from.leave();
  return values;
}

export function map<Key, Element>(
  from: PositionalReader,
  key: Read<Key>,
  element: Read<Element>,
): Map<Key, Element> {
  from.enter();
  from.count(1);
  const length = from.elements();
  from.count(2 * length);
  const values = new Map<Key, Element>();
  for (let at = 0; at < length; at++) {
    const start = from.at;
    const name = key(from);
    values.set(name, element(from));
    if (from.at === start) from.oneOf(1, 'filler');
  }
  if (values.size < length) from.refuse('a map with a key twice');
  from.leave();
  return values;
}

export function record<Element>(from: PositionalReader, element: Read<Element>): Record<string, Element> {
  from.enter();
  const length = from.elements();
  from.count(2 * length);
  const values: Record<string, Element> = {};
  for (let at = 0; at < length; at++) {
    const key = string(from);
    if (key === '__proto__') from.count(1);
    put(values, key, element(from));
  }
  if (Object.keys(values).length < length) from.refuse('a record with a key twice');
  from.leave();
  return values;
}

/** A tuple that always has the same length. */
export function tuple(from: PositionalReader, elements: readonly Read[]): unknown[] {
  from.enter();
  from.count(elements.length);
  const values = elements.map((read) => read(from));
  from.leave();
  return values;
}

/** @param others Of all elements behind the optional ones; without it there are none. */
export function openTuple(
  from: PositionalReader,
  required: readonly Read[],
  optionals: readonly Read[],
  others?: Read,
): unknown[] {
  from.enter();
  const more = from.elements();
  from.count(more);
  if (!others && more > optionals.length) from.refuse(`a tuple of ${required.length + more}`);
  from.count(required.length);
  const values = required.map((read) => read(from));
  for (let at = 0; at < more; at++) {
    const read = optionals[at];
    if (read) values.push(optional(from, read));
    else if (others) values.push(readElement(from, others));
  }
  from.leave();
  return values;
}

export function union(from: PositionalReader, options: readonly Read[]): unknown {
  return options[from.number(options.length, 'option')]!(from);
}

/** Begins an object: its properties follow, and then `end`. @param required How many it always has. */
export function object(from: PositionalReader, required: number): void {
  from.enter();
  from.count(2 * required);
}

/** Puts a property that may be absent into what was read so far. */
export function property(from: PositionalReader, values: object, name: string, read: Read): void {
  const presence = from.oneOf(3, 'presence');
  if (presence === PRESENCE.absent) return;
  from.count(2);
  put(values, name, presence === PRESENCE.undefined ? undefined : present(from, read));
}

/** The end of an object. */
export function end<Values>(from: PositionalReader, values: Values): Values {
  from.leave();
  return values;
}

/** What may be left out, and is `undefined` then. */
export function optional<Value>(from: PositionalReader, read: Read<Value>): Value | undefined {
  return from.oneOf(2, 'presence') === PRESENCE.absent ? undefined : present(from, read);
}

/** The arguments behind the last parameter. */
export function rest<Value>(from: PositionalReader, read: Read<Value>): Value[] {
  const length = from.elements();
  from.count(length);
  const values: Value[] = [];
  for (let at = 0; at < length; at++) values.push(readElement(from, read));
  return values;
}

/** Takes a byte at least, so that no count can promise more than there are bytes. */
function readElement<Value>(from: PositionalReader, read: Read<Value>): Value {
  const start = from.at;
  const value = read(from);
  if (from.at === start) from.oneOf(1, 'filler');
  return value;
}

function present<Value>(from: PositionalReader, read: Read<Value>): Value {
  const value = read(from);
  if (value === undefined) from.refuse('a value that is undefined');
  return value;
}

/** Unlike assignment, it makes `__proto__` a key like any other. */
function put(values: object, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(values, name, { value, configurable: true, enumerable: true, writable: true });
  } else {
    (values as Record<string, unknown>)[name] = value;
  }
}
