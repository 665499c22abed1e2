import { ByteReader } from '@decoraft/base';
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
  return new StateDecoder(bytes).decode();
}

class StateDecoder {
  readonly #reader: ByteReader;
  /** By their numbers. */
  readonly #objects: object[] = [];
  readonly #keys: string[] = [];
  /** Fill the containers that were met, in the order in which they were. */
  readonly #fills: (() => void)[] = [];

  constructor(bytes: Uint8Array) {
    this.#reader = new ByteReader(bytes);
  }

  decode(): unknown {
    const root = this.#value();
    // Grows while it is walked.
    for (const fill of this.#fills) fill();
    this.#reader.end();
    return root;
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
        return this.#later(object, () => {
          this.#properties(object);
          restrict(object, bare ? flags - NO_PROTOTYPE : flags);
        });
      }
      case TAG.array: {
        const integrity = this.#reader.u8();
        const array: unknown[] = [];
        return this.#later(array, () => {
          for (let left = this.#count(); left > 0; left--) array.push(this.#value());
          restrict(array, integrity);
        });
      }
      case TAG.map: {
        const map = new Map<unknown, unknown>();
        return this.#later(map, () => {
          const count = this.#count();
          for (let left = count; left > 0; left--) map.set(this.#value(), this.#value());
          if (map.size !== count) throw corrupted('a Map has a key twice');
        });
      }
      case TAG.set: {
        const set = new Set<unknown>();
        return this.#later(set, () => {
          const count = this.#count();
          for (let left = count; left > 0; left--) set.add(this.#value());
          if (set.size !== count) throw corrupted('a Set has an element twice');
        });
      }
      default:
        throw corrupted(`no kind of value has tag ${tag}`);
    }
  }

  #met<Value extends object>(value: Value): Value {
    this.#objects.push(value);
    return value;
  }

  #later<Value extends object>(value: Value, fill: () => void): Value {
    this.#fills.push(fill);
    return this.#met(value);
  }

  #properties(object: Record<string, unknown>): void {
    for (let left = this.#count(); left > 0; left--) {
      const key = this.#key();
      const value = this.#value();
      if (!(key in object)) {
        object[key] = value;
        continue;
      }
      if (Object.hasOwn(object, key)) throw corrupted('an object has a key twice');
      // Assigning would meet what is inherited: `__proto__` is a key like any other.
      Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
    }
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
  #count(): number {
    const count = this.#reader.u32();
    if (count > this.#reader.remaining) {
      throw corrupted(`${count} items are declared, ${this.#reader.remaining} bytes left`);
    }
    return count;
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
