import { ByteWriter, unreachable } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { type Container, pathTo, type Step } from './path.js';
import { ShownMemory, withOneNaN } from './shown-memory.js';
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
  return new StateEncoder(state, where).next(Infinity) ?? NO_BYTES;
}

const NO_BYTES = new Uint8Array(0);

/** A container whose contents are being written, and how far they are. */
type Open =
  | { readonly kind: 'array'; readonly array: readonly unknown[]; at: number }
  | {
      readonly kind: 'map';
      readonly map: ReadonlyMap<unknown, unknown>;
      readonly entries: Iterator<readonly [unknown, unknown]>;
      position: number;
    }
  | {
      readonly kind: 'set';
      readonly set: ReadonlySet<unknown>;
      readonly elements: Iterator<unknown>;
      position: number;
    }
  | {
      readonly kind: 'object';
      readonly object: object;
      readonly keys: readonly string[];
      readonly integrity: number;
      at: number;
    };

/**
 * {@link encodeState} piece by piece. Between the first piece and the last, nobody may change the state: pieces of two
 * states would be written. How the pieces are cut changes none of their bytes.
 */
export class StateEncoder {
  readonly #root: unknown;
  readonly #where: string;
  #writer = new ByteWriter(256);
  /** Until this many bytes were written, this piece is not full. */
  #limit = 0;
  #open: Open | undefined;
  /** How many containers were opened. */
  #opened = 0;
  #progress: 'not begun' | 'under way' | 'done' = 'not begun';
  /** The number of every object that was met: how many were met before it. */
  readonly #numbers = new Map<object, number>();
  readonly #keys = new Map<string, number>();
  /** Those whose contents are to be written, in the order of their numbers. */
  readonly #containers: Container[] = [];
  readonly #memories = new ShownMemory();

  constructor(root: unknown, where: string) {
    this.#root = root;
    this.#where = where;
  }

  /**
   * The next bytes, at least `limit` of them but for the last piece; `undefined` behind it. A single value is not cut,
   * whatever its size.
   *
   * @throws DecoraftError as {@link encodeState} does; then there is no next piece.
   */
  next(limit: number): Uint8Array | undefined {
    if (this.#progress === 'done') return undefined;
    this.#limit = limit;
    this.#writer = new ByteWriter(limit === Infinity ? 256 : limit + 1_024);
    if (this.#progress === 'not begun') this.#value(this.#root, undefined, '');
    this.#progress = this.#writeContents() ? 'done' : 'under way';
    if (this.#progress === 'done') this.#refuseSharedMemory();
    return this.#writer.finish();
  }

  /** Whether all is written; `false` when the piece is full. */
  #writeContents(): boolean {
    while (!this.#isFull) {
      if (this.#open) {
        if (this.#continue(this.#open)) this.#open = undefined;
        continue;
      }
      // Grows while it is walked.
      const container = this.#containers[this.#opened++];
      if (!container) return true;
      this.#open = this.#begin(container);
    }
    return false;
  }

  get #isFull(): boolean {
    return this.#writer.length >= this.#limit;
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

  #begin(container: Container): Open {
    if (Array.isArray(container)) return this.#beginArray(container);
    if (container instanceof Map) return this.#beginMap(container as Map<unknown, unknown>);
    if (container instanceof Set) return this.#beginSet(container as Set<unknown>);
    return this.#beginObject(container);
  }

  /** Whether all of its contents are written; `false` when the piece is full. */
  #continue(open: Open): boolean {
    switch (open.kind) {
      case 'array':
        return this.#elements(open);
      case 'map':
        return this.#entries(open);
      case 'set':
        return this.#members(open);
      case 'object':
        return this.#properties(open);
      default:
        return unreachable(open);
    }
  }

  #beginArray(array: readonly unknown[]): Open {
    // Neither holes nor properties beside the elements would come back. Keys are listed with positions first.
    const keys = Object.keys(array);
    if (keys.length !== array.length || (keys.length > 0 && keys.at(-1) !== String(array.length - 1))) {
      for (let at = 0; at < array.length; at++) {
        if (!Object.hasOwn(array, at)) this.#refuse(array, at, 'is a hole: fill it, or use a Map');
      }
      this.#refuse(array, 'length', 'belongs to an array with properties beside its elements');
    }
    this.#writer.u32(array.length);
    return { kind: 'array', array, at: 0 };
  }

  #elements(open: Open & { readonly kind: 'array' }): boolean {
    const { array } = open;
    for (; open.at < array.length; open.at++) {
      if (this.#isFull) return false;
      this.#value(array[open.at], array, open.at);
    }
    return true;
  }

  #beginMap(map: ReadonlyMap<unknown, unknown>): Open {
    this.#refuseProperties(map, map, 0);
    this.#writer.u32(map.size);
    return { kind: 'map', map, entries: map.entries(), position: 0 };
  }

  #entries(open: Open & { readonly kind: 'map' }): boolean {
    const { entries, map } = open;
    while (!this.#isFull) {
      const next = entries.next();
      if (next.done === true) return true;
      const [key, value] = next.value;
      this.#value(key, map, open.position++);
      this.#value(value, map, open.position++);
    }
    return false;
  }

  #beginSet(set: ReadonlySet<unknown>): Open {
    this.#refuseProperties(set, set, 0);
    this.#writer.u32(set.size);
    return { kind: 'set', set, elements: set.values(), position: 0 };
  }

  #members(open: Open & { readonly kind: 'set' }): boolean {
    const { elements, set } = open;
    while (!this.#isFull) {
      const next = elements.next();
      if (next.done === true) return true;
      this.#value(next.value, set, open.position++);
    }
    return false;
  }

  #beginObject(object: object): Open {
    const [symbol] = Object.getOwnPropertySymbols(object);
    if (symbol) this.#refuse(object, String(symbol), 'is named by a symbol, which is no data');
    const keys = Object.keys(object);
    this.#writer.u32(keys.length);
    return { kind: 'object', object, keys, integrity: integrityOf(object), at: 0 };
  }

  #properties(open: Open & { readonly kind: 'object' }): boolean {
    const { integrity, keys, object } = open;
    for (; open.at < keys.length; open.at++) {
      if (this.#isFull) return false;
      const key = keys[open.at] ?? '';
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
    return true;
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
    this.#memories.note(buffer, bytes, { owner, step });
    this.#writer
      .u8(TAG.memory)
      .u8(code)
      .bytes(withOneNaN(value) ?? bytes);
  }

  /** Views are restored with memory of their own: two that show the same bytes would come apart. */
  #refuseSharedMemory(): void {
    const twice = this.#memories.shownTwice();
    if (twice)
      this.#refuse(twice.owner, twice.step, 'shows memory that another part of the state shows as well');
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

function classNameOf(value: object): string {
  const { constructor } = value as { readonly constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'an unnamed class';
}
