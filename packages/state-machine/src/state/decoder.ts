import { ByteReader, unreachable } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { INTEGRITY, MEMORY_CLASSES, NO_PROTOTYPE, TAG } from './tags.js';
import { readText } from './text.js';

const HEXADECIMAL = /^-?[0-9a-f]+$/;

/**
 * The state that `encodeState` wrote, in memory of its own. What is taken is at most a fixed number of times as large
 * as `bytes`, whatever they say.
 *
 * @throws CodedError for bytes that were not written by it; the caller knows whose they are, and says so.
 */
export function decodeState(bytes: Uint8Array): unknown {
  const decoder = new StateDecoder(bytes);
  decoder.read(Infinity);
  return decoder.state;
}

/** A container that was met, and how much of its contents is not read yet; `undefined` before its count is. */
type Fill = (
  | { readonly kind: 'object'; readonly object: Record<string, unknown>; readonly integrity: number }
  | { readonly kind: 'array'; readonly array: unknown[]; readonly integrity: number }
  | { readonly kind: 'map'; readonly map: Map<unknown, unknown>; count: number }
  | { readonly kind: 'set'; readonly set: Set<unknown>; count: number }
) & { left: number | undefined };

/** {@link decodeState} piece by piece. */
export class StateDecoder {
  readonly #reader: ByteReader;
  /** Of the bytes: where this piece ends. */
  #end = 0;
  #root: { readonly state: unknown } | undefined;
  /** By their numbers. */
  readonly #objects: object[] = [];
  readonly #keys: string[] = [];
  /** In the order in which the containers were met. */
  readonly #fills: Fill[] = [];
  /** How many containers are full. */
  #filled = 0;

  constructor(bytes: Uint8Array) {
    this.#reader = new ByteReader(bytes);
  }

  /** Reads about so many bytes more. Gives whether that was all. @throws CodedError as {@link decodeState} does. */
  read(limit: number): boolean {
    this.#end = this.#reader.offset + limit;
    this.#root ??= { state: this.#value() };
    while (!this.#isEnough) {
      // Grows while it is walked.
      const fill = this.#fills[this.#filled];
      if (!fill) {
        this.#reader.end();
        return true;
      }
      fill.left ??= this.#count(fill);
      if (this.#continue(fill, fill.left)) this.#filled += 1;
    }
    return false;
  }

  /** What the bytes say, when all of them are read. */
  get state(): unknown {
    return this.#root?.state;
  }

  get #isEnough(): boolean {
    return this.#reader.offset >= this.#end;
  }

  #value(): unknown {
    const tag = this.#reader.u8();
    switch (tag) {
      case TAG.undefined:
        return undefined;
      case TAG.null:
        return null;
      case TAG.false:
        return false;
      case TAG.true:
        return true;
      case TAG.number:
        return this.#reader.f64();
      case TAG.bigint:
        return this.#bigint();
      case TAG.text:
      case TAG.units:
        return readText(this.#reader, tag);
      case TAG.reference:
        return this.#at(this.#objects, 'object');
      case TAG.date:
        return this.#met(new Date(this.#reader.f64()));
      case TAG.memory:
        return this.#memory();
      default:
        return this.#container(tag);
    }
  }

  #container(tag: number): object {
    switch (tag) {
      case TAG.object: {
        const flags = this.#reader.u8();
        const bare = flags >= NO_PROTOTYPE;
        const object = (bare ? Object.create(null) : {}) as Record<string, unknown>;
        const integrity = bare ? flags - NO_PROTOTYPE : flags;
        this.#fills.push({ kind: 'object', object, integrity, left: undefined });
        return this.#met(object);
      }
      case TAG.array: {
        const array: unknown[] = [];
        this.#fills.push({ kind: 'array', array, integrity: this.#reader.u8(), left: undefined });
        return this.#met(array);
      }
      case TAG.map: {
        const map = new Map<unknown, unknown>();
        this.#fills.push({ kind: 'map', map, count: 0, left: undefined });
        return this.#met(map);
      }
      case TAG.set: {
        const set = new Set<unknown>();
        this.#fills.push({ kind: 'set', set, count: 0, left: undefined });
        return this.#met(set);
      }
      default:
        throw corrupted(`no kind of value has tag ${tag}`);
    }
  }

  #met<Value extends object>(value: Value): Value {
    this.#objects.push(value);
    return value;
  }

  /** Whether the container is full; `false` when it is enough for this piece. */
  #continue(fill: Fill, left: number): boolean {
    for (; left > 0; left--) {
      if (this.#isEnough) {
        fill.left = left;
        return false;
      }
      this.#item(fill);
    }
    finish(fill);
    return true;
  }

  #item(fill: Fill): void {
    switch (fill.kind) {
      case 'object':
        return this.#property(fill.object);
      case 'array':
        return void fill.array.push(this.#value());
      case 'map':
        return void fill.map.set(this.#value(), this.#value());
      case 'set':
        return void fill.set.add(this.#value());
      default:
        return unreachable(fill);
    }
  }

  #property(object: Record<string, unknown>): void {
    const key = this.#key();
    const value = this.#value();
    if (!(key in object)) {
      object[key] = value;
      return;
    }
    if (Object.hasOwn(object, key)) throw corrupted('an object has a key twice');
    // Assigning would meet what is inherited: `__proto__` is a key like any other.
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  }

  #key(): string {
    const tag = this.#reader.u8();
    if (tag === TAG.knownKey) return this.#at(this.#keys, 'key');
    const key = readText(this.#reader, tag);
    this.#keys.push(key);
    return key;
  }

  #bigint(): bigint {
    const text = this.#reader.text();
    if (!HEXADECIMAL.test(text)) throw corrupted('a bigint is not written in hexadecimal digits');
    return text.startsWith('-') ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
  }

  #memory(): object {
    const code = this.#reader.u8();
    const bytes = this.#reader.bytes();
    const memory = MEMORY_CLASSES[code];
    if (!memory) throw corrupted(`no class of memory has code ${code}`);
    const buffer = bytes.slice().buffer;
    if (memory === ArrayBuffer) return this.#met(buffer);
    const view = memory as Exclude<typeof memory, ArrayBufferConstructor>;
    if (bytes.length % view.BYTES_PER_ELEMENT !== 0) {
      throw corrupted(`${bytes.length} bytes are no whole number of elements of a ${view.name}`);
    }
    return this.#met(new view(buffer));
  }

  #at<Item>(items: readonly Item[], name: string): Item {
    const number = this.#reader.u32();
    const item = items[number];
    if (item === undefined) throw corrupted(`${name} ${number} is referred to, but not there`);
    return item;
  }

  /** How many items follow: at most as many as there are bytes. */
  #count(fill: Fill): number {
    const count = this.#reader.u32();
    if (count > this.#reader.remaining) {
      throw corrupted(`${count} items are declared, ${this.#reader.remaining} bytes left`);
    }
    if (fill.kind === 'map' || fill.kind === 'set') fill.count = count;
    return count;
  }
}

/** A container that holds all that it should. */
function finish(fill: Fill): void {
  switch (fill.kind) {
    case 'object':
      return restrict(fill.object, fill.integrity);
    case 'array':
      return restrict(fill.array, fill.integrity);
    case 'map':
      if (fill.map.size !== fill.count) throw corrupted('a Map has a key twice');
      return;
    case 'set':
      if (fill.set.size !== fill.count) throw corrupted('a Set has an element twice');
      return;
    default:
      return unreachable(fill);
  }
}

/** Frozen last: what it holds is in it by now, though containers in it may still be empty. */
function restrict(value: object, integrity: number): void {
  switch (integrity) {
    case INTEGRITY.extensible:
      return;
    case INTEGRITY.closed:
      return void Object.preventExtensions(value);
    case INTEGRITY.sealed:
      return void Object.seal(value);
    case INTEGRITY.frozen:
      return void Object.freeze(value);
    default:
      throw corrupted(`no integrity of an object has code ${integrity}`);
  }
}

function corrupted(what: string): DecoraftError {
  return new DecoraftError('Corrupted', what);
}
