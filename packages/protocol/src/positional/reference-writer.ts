import { isWellFormed, unreachable } from '@decoraft/base';
import { isPlainObject } from '../plain-data.js';
import type { ParameterSchema, Schema, TupleElement } from '../schema.js';
import { resolveType, type Types } from '../types.js';
import {
  FORM,
  MAX_POSITIONAL_BIGINT_BYTES,
  MAX_POSITIONAL_DEPTH,
  MAX_POSITIONAL_ITEMS,
  NAN_BYTES,
  PRESENCE,
} from './limits.js';
import { optionsOfUnion, partsOfObject } from './parts.js';

/** The value does not fit: it travels as MessagePack, or not at all. */
export class Misfit extends Error {}

/** Writes values as their schema says, byte by byte: slow, and short enough to be believed. */
export class ReferenceWriter {
  readonly #types: Types;
  readonly #bytes: number[] = [];
  #items = 1;
  #depth = 1;

  constructor(types: Types) {
    this.#types = types;
  }

  get bytes(): readonly number[] {
    return this.#bytes;
  }

  arguments(
    parameters: readonly ParameterSchema[],
    rest: ParameterSchema | undefined,
    args: readonly unknown[],
  ): void {
    this.#fit(rest ? args.length >= parameters.length : args.length === parameters.length);
    this.#count(args.length);
    for (const [at, { optional, schema }] of parameters.entries()) {
      if (optional) this.#maybe(schema, args[at]);
      else this.#value(schema, args[at]);
    }
    if (!rest) return;
    const others = args.slice(parameters.length);
    this.#number(others.length);
    for (const other of others) this.#element(() => this.#value(rest.schema, other));
  }

  #value(schema: Schema, value: unknown): void {
    switch (schema.kind) {
      case 'unknown':
        throw new Misfit();
      case 'void':
        return this.#fit(value === undefined);
      case 'null':
        return this.#fit(value === null);
      case 'literal':
        // -0 equals 0 and is another value.
        return this.#fit(value === schema.value && !Object.is(value, -0));
      case 'boolean':
        this.#fit(typeof value === 'boolean');
        return this.#byte(value === true ? 1 : 0);
      case 'number':
        return typeof value === 'number' ? this.#numeric(value) : this.#fit(false);
      case 'bigint':
        return typeof value === 'bigint' ? this.#bigint(value) : this.#fit(false);
      case 'string':
        return typeof value === 'string' ? this.#text(value) : this.#fit(false);
      case 'date':
        this.#fit(value instanceof Date && Object.getPrototypeOf(value) === Date.prototype);
        return this.#numeric((value as Date).getTime());
      case 'bytes':
        return value instanceof Uint8Array ? this.#binary(value) : this.#fit(false);
      case 'reference':
        return this.#value(resolveType(this.#types, schema.name), value);
      case 'union':
        return this.#union(schema, value);
      default:
        return this.#container(schema, value);
    }
  }

  #container(schema: Container, value: unknown): void {
    this.#fit(this.#depth < MAX_POSITIONAL_DEPTH);
    this.#depth++;
    switch (schema.kind) {
      case 'array':
        this.#list(schema.element, arrayOf(value));
        break;
      case 'tuple':
        this.#tuple(schema.elements, schema.rest, arrayOf(value));
        break;
      case 'record':
        this.#record(schema.value, objectOf(value));
        break;
      case 'object':
        this.#object(schema, objectOf(value));
        break;
      case 'map':
        this.#map(schema, value);
        break;
      case 'set':
        this.#set(schema.element, value);
        break;
      default:
        unreachable(schema);
    }
    this.#depth--;
  }

  /** The number of the first option that fits, where there are several, and the value as that one has it. */
  #union(schema: Schema, value: unknown): void {
    const options = optionsOfUnion(schema, this.#types);
    const before = { length: this.#bytes.length, items: this.#items, depth: this.#depth };
    for (const [at, option] of options.entries()) {
      try {
        if (options.length > 1) this.#number(at);
        return this.#value(option, value);
      } catch (thrown) {
        if (!(thrown instanceof Misfit)) throw thrown;
        this.#bytes.length = before.length;
        this.#items = before.items;
        this.#depth = before.depth;
      }
    }
    throw new Misfit();
  }

  #list(element: Schema, values: readonly unknown[]): void {
    this.#number(values.length);
    this.#count(values.length);
    for (let at = 0; at < values.length; at++) this.#element(() => this.#value(element, values[at]));
  }

  #tuple(elements: readonly TupleElement[], rest: Schema | undefined, values: readonly unknown[]): void {
    const required = elements.filter(({ optional }) => !optional).length;
    this.#fit(values.length >= required && (rest !== undefined || values.length <= elements.length));
    const isOpen = rest !== undefined || required < elements.length;
    if (isOpen) this.#number(values.length - required);
    this.#count(values.length);
    for (let at = 0; at < values.length; at++) {
      const element = elements[at];
      if (element?.optional) this.#maybe(element.schema, values[at]);
      else if (element) this.#value(element.schema, values[at]);
      else if (rest) this.#element(() => this.#value(rest, values[at]));
    }
  }

  #record(element: Schema, value: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(value);
    this.#number(keys.length);
    this.#count(2 * keys.length);
    for (const key of keys) {
      if (key === '__proto__') this.#count(1);
      this.#text(key);
      this.#value(element, value[key]);
    }
  }

  /** What has a property that the schema does not name does not fit: nothing is left out silently. */
  #object(schema: Schema & { readonly kind: 'object' }, value: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(value);
    const { required, optional } = partsOfObject(schema);
    this.#fit(keys.every((key) => schema.properties.some(({ name }) => name === key)));
    this.#fit(required.every(({ name }) => keys.includes(name)));
    this.#count(2 * keys.length);
    for (const property of required) this.#value(property.schema, value[property.name]);
    for (const property of optional) {
      if (!keys.includes(property.name)) this.#byte(PRESENCE.absent);
      else if (value[property.name] === undefined) this.#byte(PRESENCE.undefined);
      else {
        this.#byte(PRESENCE.value);
        this.#value(property.schema, value[property.name]);
      }
    }
  }

  #map(schema: Schema & { readonly kind: 'map' }, value: unknown): void {
    this.#fit(value instanceof Map && Object.getPrototypeOf(value) === Map.prototype);
    const entries = [...(value as ReadonlyMap<unknown, unknown>)];
    this.#number(entries.length);
    this.#count(1 + 2 * entries.length);
    for (const [key, element] of entries) {
      this.#element(() => {
        this.#value(schema.key, key);
        this.#value(schema.value, element);
      });
    }
  }

  #set(element: Schema, value: unknown): void {
    this.#fit(value instanceof Set && Object.getPrototypeOf(value) === Set.prototype);
    const values = [...(value as ReadonlySet<unknown>)];
    this.#number(values.length);
    this.#count(1 + values.length);
    for (const each of values) this.#element(() => this.#value(element, each));
  }

  /** Takes a byte at least, so that no count can promise more than there are bytes. */
  #element(write: () => void): void {
    const { length } = this.#bytes;
    write();
    if (this.#bytes.length === length) this.#byte(0);
  }

  #maybe(schema: Schema, value: unknown): void {
    if (value === undefined) return this.#byte(PRESENCE.absent);
    this.#byte(PRESENCE.value);
    this.#value(schema, value);
  }

  #numeric(value: number): void {
    if (Object.is(value, -0)) this.#count(1);
    // Zigzag: 0, -1, 1, -2, 2 are 0, 1, 2, 3, 4.
    const zigzag = value >= 0 ? value * 2 : value * -2 - 1;
    if (Number.isInteger(value) && !Object.is(value, -0) && zigzag < 2 ** 48) return this.#number(zigzag);
    const float = new DataView(new ArrayBuffer(8));
    float.setFloat64(0, value);
    this.#byte(FORM.float);
    const bytes = Number.isNaN(value) ? NAN_BYTES : new Uint8Array(float.buffer);
    for (const byte of bytes) this.#byte(byte);
  }

  /** A whole number from 0 to 2^48 - 1 in its shortest form, the most significant byte first. */
  #number(value: number): void {
    if (value < FORM.twoBytes) return this.#byte(value);
    const length = value < 2 ** 16 ? 2 : value < 2 ** 32 ? 4 : 6;
    this.#byte(length === 2 ? FORM.twoBytes : length === 4 ? FORM.fourBytes : FORM.sixBytes);
    for (let at = length - 1; at >= 0; at--) this.#byte(Math.floor(value / 256 ** at) % 256);
  }

  /** As few bytes of two's complement as have its sign. */
  #bigint(value: bigint): void {
    let length = 1;
    while (BigInt.asIntN(length * 8, value) !== value) {
      length++;
      this.#fit(length <= MAX_POSITIONAL_BIGINT_BYTES);
    }
    this.#number(length);
    for (let at = length - 1; at >= 0; at--) this.#byte(Number((value >> BigInt(at * 8)) & 0xffn));
  }

  #text(value: string): void {
    this.#fit(isWellFormed(value));
    this.#binary(new TextEncoder().encode(value));
  }

  #binary(value: Uint8Array): void {
    this.#number(value.length);
    for (const byte of value) this.#byte(byte);
  }

  #byte(value: number): void {
    this.#bytes.push(value);
  }

  #count(items: number): void {
    this.#items += items;
    this.#fit(this.#items <= MAX_POSITIONAL_ITEMS);
  }

  #fit(condition: boolean): void {
    if (!condition) throw new Misfit();
  }
}

type Container = Schema & { readonly kind: 'array' | 'tuple' | 'record' | 'object' | 'map' | 'set' };

function arrayOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Misfit();
  return value as readonly unknown[];
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (!isPlainObject(value) || Object.getOwnPropertySymbols(value).length > 0) throw new Misfit();
  return value;
}
