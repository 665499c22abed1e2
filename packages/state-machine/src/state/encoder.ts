import { ByteWriter } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { type Container, pathTo, type Step } from './path.js';
import { INTEGRITY, MEMORY_CLASSES, NO_PROTOTYPE, TAG } from './tags.js';
import { writeText } from './text.js';

/** A length is written in 4 bytes. */
const BYTES_LIMIT = 0xffff_ffff;

/**
 * The bytes of a machine's state. Data of any shape: primitives (-0 and NaN as well), plain objects with or without
 * a prototype, frozen or not, arrays without holes, Map, Set, Date, ArrayBuffer and typed arrays; objects that are
 * referred to from several places, and cycles, come back as such. The order of keys, entries and elements is part of
 * the state. Properties that are not enumerable are not.
 *
 * Equal states give equal bytes, whatever their history: the numbers of objects follow the order in which a walk
 * meets them, and of a typed array only the bytes that it shows are written, wherever they lie in memory.
 *
 * @param where What a message names as the place of the state.
 * @throws DecoraftError `InvalidArgument` that names the path of what is not data: functions, symbols, instances of
 * classes, accessors, arrays with holes, two views of the same memory.
 */
export function encodeState(state: unknown, where: string): Uint8Array {
  return new StateEncoder(state, where).encode();
}

/** The bytes that one view shows. */
interface Range {
  readonly start: number;
  readonly end: number;
  readonly owner: Container | undefined;
  readonly step: Step;
}

class StateEncoder {
  readonly #root: unknown;
  readonly #where: string;
  readonly #writer = new ByteWriter(256);
  /** The number of every object that was met: how many were met before it. */
  readonly #numbers = new Map<object, number>();
  readonly #keys = new Map<string, number>();
  /** Those whose contents are to be written, in the order of their numbers. */
  readonly #containers: Container[] = [];
  readonly #ranges = new Map<ArrayBuffer, Range[]>();

  constructor(root: unknown, where: string) {
    this.#root = root;
    this.#where = where;
  }

  encode(): Uint8Array {
    this.#value(this.#root, undefined, '');
    // Grows while it is walked.
    for (const container of this.#containers) this.#contents(container);
    this.#refuseSharedMemory();
    return this.#writer.finish();
  }

  #value(value: unknown, owner: Container | undefined, step: Step): void {
    const writer = this.#writer;
    switch (typeof value) {
      case 'undefined':
        return void writer.u8(TAG.undefined);
      case 'boolean':
        return void writer.u8(value ? TAG.true : TAG.false);
      case 'number':
        // There are many NaNs, and machines differ in which they make.
        return void writer.u8(TAG.number).f64(Number.isNaN(value) ? Number.NaN : value);
      case 'bigint':
        return void writer.u8(TAG.bigint).text(value.toString(16));
      case 'string':
        return writeText(writer, value);
      case 'object':
        return value === null ? void writer.u8(TAG.null) : this.#object(value, owner, step);
      default:
        return this.#refuse(owner, step, `holds a ${typeof value}, which is no data`);
    }
  }

  #object(value: object, owner: Container | undefined, step: Step): void {
    const number = this.#numbers.get(value);
    if (number !== undefined) return void this.#writer.u8(TAG.reference).u32(number);
    this.#numbers.set(value, this.#numbers.size);
    switch (Object.getPrototypeOf(value)) {
      case Object.prototype:
        return this.#container(TAG.object, value, integrityOf(value));
      case null:
        return this.#container(TAG.object, value, integrityOf(value) + NO_PROTOTYPE);
      case Array.prototype:
        return this.#container(TAG.array, value, integrityOf(value));
      case Map.prototype:
        return this.#container(TAG.map, value);
      case Set.prototype:
        return this.#container(TAG.set, value);
      case Date.prototype:
        this.#refuseProperties(value, owner, step);
        return void this.#writer.u8(TAG.date).f64((value as Date).getTime());
      default:
        return this.#memory(value, owner, step);
    }
  }

  #container(tag: number, value: Container, integrity?: number): void {
    this.#writer.u8(tag);
    if (integrity !== undefined) this.#writer.u8(integrity);
    this.#containers.push(value);
  }

  #contents(container: Container): void {
    if (Array.isArray(container)) this.#array(container);
    else if (container instanceof Map) this.#map(container as Map<unknown, unknown>);
    else if (container instanceof Set) this.#set(container as Set<unknown>);
    else this.#properties(container);
  }

  #array(array: readonly unknown[]): void {
    // Neither holes nor properties beside the elements would come back. Keys are listed with positions first.
    const keys = Object.keys(array);
    if (keys.length !== array.length || (keys.length > 0 && keys.at(-1) !== String(array.length - 1))) {
      for (let at = 0; at < array.length; at++) {
        if (!Object.hasOwn(array, at)) this.#refuse(array, at, 'is a hole: fill it, or use a Map');
      }
      this.#refuse(array, 'length', 'belongs to an array with properties beside its elements');
    }
    this.#writer.u32(array.length);
    for (let at = 0; at < array.length; at++) this.#value(array[at], array, at);
  }

  #map(map: ReadonlyMap<unknown, unknown>): void {
    this.#refuseProperties(map, map, 0);
    this.#writer.u32(map.size);
    let position = 0;
    for (const [key, value] of map) {
      this.#value(key, map, position++);
      this.#value(value, map, position++);
    }
  }

  #set(set: ReadonlySet<unknown>): void {
    this.#refuseProperties(set, set, 0);
    this.#writer.u32(set.size);
    let position = 0;
    for (const element of set) this.#value(element, set, position++);
  }

  #properties(object: object): void {
    const [symbol] = Object.getOwnPropertySymbols(object);
    if (symbol) this.#refuse(object, String(symbol), 'is named by a symbol, which is no data');
    const integrity = integrityOf(object);
    const keys = Object.keys(object);
    this.#writer.u32(keys.length);
    for (const key of keys) {
      const property = Object.getOwnPropertyDescriptor(object, key);
      if (!property || !isOrdinary(property, integrity)) {
        this.#refuse(
          object,
          key,
          'is an accessor or read-only: only ordinary properties come back as they were',
        );
      }
      this.#key(key);
      this.#value(property.value, object, key);
    }
  }

  /** Keys repeat from object to object: a known one is a number. */
  #key(key: string): void {
    const number = this.#keys.get(key);
    if (number !== undefined) return void this.#writer.u8(TAG.knownKey).u32(number);
    this.#keys.set(key, this.#keys.size);
    writeText(this.#writer, key);
  }

  #memory(value: object, owner: Container | undefined, step: Step): void {
    const prototype: unknown = Object.getPrototypeOf(value);
    const code = MEMORY_CLASSES.findIndex((memory) => memory.prototype === prototype);
    if (code === -1) {
      this.#refuse(owner, step, `holds an instance of ${classNameOf(value)}, which is no data`);
    }
    const bytes = ArrayBuffer.isView(value)
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array(value as ArrayBuffer);
    const { buffer } = bytes;
    if (!(buffer instanceof ArrayBuffer) || ('resizable' in buffer && buffer.resizable === true)) {
      this.#refuse(owner, step, 'holds memory that others may change or resize');
    }
    if (bytes.length > BYTES_LIMIT) this.#refuse(owner, step, 'holds 4 GiB of memory or more');
    const range = { start: bytes.byteOffset, end: bytes.byteOffset + bytes.length, owner, step };
    const ranges = this.#ranges.get(buffer);
    if (ranges) ranges.push(range);
    else this.#ranges.set(buffer, [range]);
    this.#writer
      .u8(TAG.memory)
      .u8(code)
      .bytes(withOneNaN(value) ?? bytes);
  }

  /** Views are restored with memory of their own: two that show the same bytes would come apart. */
  #refuseSharedMemory(): void {
    for (const ranges of this.#ranges.values()) {
      if (ranges.length === 1) continue;
      const sorted = ranges.toSorted((left, right) => left.start - right.start || left.end - right.end);
      let end = 0;
      for (const range of sorted) {
        if (range.start < end && range.end > range.start) {
          this.#refuse(range.owner, range.step, 'shows memory that another part of the state shows as well');
        }
        end = Math.max(end, range.end);
      }
    }
  }

  #refuseProperties(value: object, owner: Container | undefined, step: Step): void {
    const [key] = Object.keys(value);
    if (key === undefined) return;
    this.#refuse(owner, step, `belongs to a ${classNameOf(value)} with a property of its own, ${key}`);
  }

  #refuse(owner: Container | undefined, step: Step, what: string): never {
    const path = pathTo(this.#root, owner, step);
    throw new DecoraftError('InvalidArgument', `${this.#where}${path} ${what}`);
  }
}

function integrityOf(value: object): number {
  if (Object.isExtensible(value)) return INTEGRITY.extensible;
  if (Object.isFrozen(value)) return INTEGRITY.frozen;
  return Object.isSealed(value) ? INTEGRITY.sealed : INTEGRITY.closed;
}

/** Whether a property has a value and is no stricter than its object. */
function isOrdinary(property: PropertyDescriptor, integrity: number): boolean {
  const { configurable, writable } = property;
  return (
    (writable === true || (writable === false && integrity === INTEGRITY.frozen)) &&
    (configurable === true || integrity >= INTEGRITY.sealed)
  );
}

/** The bytes of an array of floats with every NaN written alike; nothing for other memory. */
function withOneNaN(value: object): Uint8Array | undefined {
  if (!(value instanceof Float32Array || value instanceof Float64Array)) return undefined;
  const copy = value.slice();
  for (let at = 0; at < copy.length; at++) if (Number.isNaN(copy[at])) copy[at] = Number.NaN;
  return new Uint8Array(copy.buffer);
}

function classNameOf(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'an unnamed class';
}
