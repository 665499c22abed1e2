import { unreachable } from '@decoraft/base';
import { DecoraftError } from '../errors.js';
import type { ParameterSchema, Schema, TupleElement } from '../schema.js';
import { resolveType, type Types } from '../types.js';
import {
  FORM,
  MAX_DATE_MS,
  MAX_POSITIONAL_BIGINT_BYTES,
  MAX_POSITIONAL_DEPTH,
  MAX_POSITIONAL_ITEMS,
  NAN_BYTES,
  PRESENCE,
} from './limits.js';
import { optionsOfUnion, partsOfObject } from './parts.js';

/** Reads what ReferenceWriter wrote, and refuses whatever it cannot have written. */
export class ReferenceReader {
  readonly #bytes: Uint8Array;
  readonly #types: Types;
  readonly #where: string;
  #at: number;
  #items = 1;
  #depth = 1;

  constructor(bytes: Uint8Array, start: number, types: Types, where: string) {
    this.#bytes = bytes;
    this.#at = start;
    this.#types = types;
    this.#where = where;
  }

  arguments(parameters: readonly ParameterSchema[], rest: ParameterSchema | undefined): readonly unknown[] {
    this.#count(parameters.length);
    const args = parameters.map(({ optional, schema }) =>
      optional ? this.#maybe(schema) : this.#value(schema),
    );
    if (rest) {
      const length = this.#elements(1);
      for (let at = 0; at < length; at++) args.push(this.#element(() => this.#value(rest.schema)));
    }
    const left = this.#bytes.length - this.#at;
    if (left > 0) this.#refuse(`${left} bytes too many`);
    return args;
  }

  #value(schema: Schema): unknown {
    switch (schema.kind) {
      case 'unknown':
        return this.#refuse('what has no type does not travel by position');
      case 'void':
        return undefined;
      case 'null':
        return null;
      case 'literal':
        return schema.value;
      case 'boolean':
        return this.#oneOf(2, 'boolean') === 1;
      case 'number':
        return this.#numeric();
      case 'bigint':
        return this.#bigint();
      case 'string':
        return this.#text();
      case 'date':
        return this.#date();
      case 'bytes':
        return this.#binary();
      case 'reference':
        return this.#value(resolveType(this.#types, schema.name));
      case 'union':
        return this.#union(schema);
      default:
        return this.#container(schema);
    }
  }

  #union(schema: Schema): unknown {
    const options = optionsOfUnion(schema, this.#types);
    const option = options[options.length > 1 ? this.#number(options.length, 'option') : 0];
    return option ? this.#value(option) : this.#refuse('a value of a type that has none');
  }

  #container(schema: Container): unknown {
    if (this.#depth === MAX_POSITIONAL_DEPTH) this.#refuse(`more than ${MAX_POSITIONAL_DEPTH} levels deep`);
    this.#depth++;
    const value = this.#content(schema);
    this.#depth--;
    return value;
  }

  #content(schema: Container): unknown {
    switch (schema.kind) {
      case 'array': {
        const length = this.#elements(1);
        return Array.from({ length }, () => this.#element(() => this.#value(schema.element)));
      }
      case 'tuple':
        return this.#tuple(schema.elements, schema.rest);
      case 'record':
        return this.#record(schema.value);
      case 'object':
        return this.#object(schema);
      case 'map':
        return this.#map(schema);
      case 'set': {
        this.#count(1);
        const length = this.#elements(1);
        const set = new Set<unknown>();
        for (let at = 0; at < length; at++) set.add(this.#element(() => this.#value(schema.element)));
        if (set.size < length) this.#refuse('a set with an element twice');
        return set;
      }
      default:
        return unreachable(schema);
    }
  }

  #tuple(elements: readonly TupleElement[], rest: Schema | undefined): readonly unknown[] {
    const required = elements.filter(({ optional }) => !optional).length;
    const isOpen = rest !== undefined || required < elements.length;
    const more = isOpen ? this.#elements(1) : 0;
    if (!rest && more > elements.length - required) this.#refuse(`a tuple of ${required + more}`);
    this.#count(required);
    return Array.from({ length: required + more }, (_, at) => {
      const element = elements[at];
      if (element) return element.optional ? this.#maybe(element.schema) : this.#value(element.schema);
      return rest && this.#element(() => this.#value(rest));
    });
  }

  #record(element: Schema): Readonly<Record<string, unknown>> {
    const length = this.#elements(2);
    const record: Record<string, unknown> = {};
    for (let at = 0; at < length; at++) {
      const key = this.#text();
      if (key === '__proto__') this.#count(1);
      define(record, key, this.#value(element));
    }
    if (Object.keys(record).length < length) this.#refuse('a record with a key twice');
    return record;
  }

  #object(schema: Schema & { readonly kind: 'object' }): Readonly<Record<string, unknown>> {
    const { required, optional } = partsOfObject(schema);
    const object: Record<string, unknown> = {};
    this.#count(2 * required.length);
    for (const property of required) define(object, property.name, this.#value(property.schema));
    for (const property of optional) {
      const presence = this.#oneOf(3, 'presence');
      if (presence === PRESENCE.absent) continue;
      this.#count(2);
      define(
        object,
        property.name,
        presence === PRESENCE.undefined ? undefined : this.#present(property.schema),
      );
    }
    return object;
  }

  #map(schema: Schema & { readonly kind: 'map' }): ReadonlyMap<unknown, unknown> {
    this.#count(1);
    const length = this.#elements(2);
    const map = new Map<unknown, unknown>();
    for (let at = 0; at < length; at++) {
      this.#element(() => {
        const key = this.#value(schema.key);
        map.set(key, this.#value(schema.value));
      });
    }
    if (map.size < length) this.#refuse('a map with a key twice');
    return map;
  }

  /** @param items What each of them counts for. @returns How many follow: no more than there are bytes. */
  #elements(items: number): number {
    const length = this.#number(2 ** 32, 'count');
    const left = this.#bytes.length - this.#at;
    if (length > left) this.#refuse(`${length} items declared, ${left} bytes left`);
    this.#count(items * length);
    return length;
  }

  #element<Value>(read: () => Value): Value {
    const start = this.#at;
    const value = read();
    if (this.#at === start) this.#oneOf(1, 'filler');
    return value;
  }

  #maybe(schema: Schema): unknown {
    return this.#oneOf(2, 'presence') === PRESENCE.absent ? undefined : this.#present(schema);
  }

  #present(schema: Schema): unknown {
    const value = this.#value(schema);
    if (value === undefined) this.#refuse('a value that is undefined');
    return value;
  }

  #numeric(): number {
    const start = this.#at;
    if (this.#bytes[start] !== FORM.float) {
      const zigzag = this.#number(2 ** 48, 'number');
      return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    }
    this.#at++;
    const bytes = this.#take(8);
    const value = new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
    if (Object.is(value, -0)) this.#count(1);
    const isShorter =
      Number.isInteger(value) && !Object.is(value, -0) && value < 2 ** 47 && value >= -(2 ** 47);
    const isOdd = Number.isNaN(value) && NAN_BYTES.some((byte, at) => byte !== bytes[at]);
    if (isShorter || isOdd) this.#refuse('a number that has another form', start);
    return value;
  }

  #date(): Date {
    const start = this.#at;
    const time = this.#numeric();
    const isTime = Number.isInteger(time) && Math.abs(time) <= MAX_DATE_MS && !Object.is(time, -0);
    if (!isTime && !Number.isNaN(time)) this.#refuse('a Date that is no time', start);
    return new Date(time);
  }

  #bigint(): bigint {
    const start = this.#at;
    const length = this.#number(MAX_POSITIONAL_BIGINT_BYTES + 1, 'length of a bigint');
    const bytes = this.#take(length);
    let value = 0n;
    for (const byte of bytes) value = value * 256n + BigInt(byte);
    value = BigInt.asIntN(length * 8, value);
    const isShortest = length === 1 || (length > 1 && BigInt.asIntN((length - 1) * 8, value) !== value);
    if (!isShortest) this.#refuse('a bigint that has a shorter form', start);
    return value;
  }

  #text(): string {
    const bytes = this.#take(this.#number(2 ** 32, 'length'));
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return this.#refuse('a string that is not UTF-8', this.#at - bytes.length);
    }
  }

  #binary(): Uint8Array {
    // A copy, so that it does not hold what was received.
    return this.#take(this.#number(2 ** 32, 'length')).slice();
  }

  #take(length: number): Uint8Array {
    const left = this.#bytes.length - this.#at;
    if (length > left) this.#refuse(`${length} bytes declared, ${left} left`);
    this.#at += length;
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + this.#at - length, length);
  }

  /** A byte below `end`. */
  #oneOf(end: number, what: string): number {
    const [byte = 0] = this.#take(1);
    if (byte >= end) this.#refuse(`a ${what} of ${byte}`, this.#at - 1);
    return byte;
  }

  /** A whole number below `end`. */
  #number(end: number, what: string): number {
    const start = this.#at;
    const [first = 0] = this.#take(1);
    let value = first;
    if (first >= FORM.twoBytes) {
      if (first > FORM.sixBytes) this.#refuse(`a ${what} that begins with ${first}`, start);
      value = 0;
      for (const byte of this.#take(2 * (first - FORM.twoBytes) + 2)) value = value * 256 + byte;
      const least = [FORM.twoBytes, 2 ** 16, 2 ** 32][first - FORM.twoBytes] ?? 0;
      if (value < least) this.#refuse(`a ${what} that has a shorter form`, start);
    }
    if (value >= end) this.#refuse(`a ${what} of ${value}`, start);
    return value;
  }

  #count(items: number): void {
    this.#items += items;
    if (this.#items > MAX_POSITIONAL_ITEMS) this.#refuse(`more than ${MAX_POSITIONAL_ITEMS} items`);
  }

  #refuse(what: string, at = this.#at): never {
    throw new DecoraftError('InvalidArgument', `${this.#where}: encoded arguments, byte ${at}: ${what}`);
  }
}

type Container = Schema & { readonly kind: 'array' | 'tuple' | 'record' | 'object' | 'map' | 'set' };

/** Unlike assignment, it makes `__proto__` a key like any other. */
function define(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
}
