import { isWellFormed } from '@decoraft/base';
import { RpcError } from './errors.js';
import { TaggedValue, VALUE_TAGS } from './tagged-value.js';
import { MAX_BIGINT_BYTES, MAX_VALUE_DEPTH, MAX_VALUE_ITEMS } from './value-limits.js';

/** The walk under way: nothing here waits, so there is one at a time. */
const walk = {
  /** How many items it has met, counted as the receiver's scanner counts them. */
  items: 0,
  /** The key or index taken at each depth; only what lies above the current depth means anything. */
  trail: Array.from<string | number>({ length: MAX_VALUE_DEPTH }),
};

const BIGINT_END = 1n << BigInt(MAX_BIGINT_BYTES * 8 - 1);
const NEGATIVE_ZERO = new TaggedValue(VALUE_TAGS.negativeZero, []);
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/**
 * `value` with maps, sets, -0 and objects with a key `__proto__` in their travelling form; the very same object
 * where there is none of them.
 *
 * @throws RpcError `InvalidArgument` naming the path of what cannot be carried.
 */
export function prepareValue(value: unknown): unknown {
  walk.items = 0;
  return prepare(value, 0);
}

function prepare(value: unknown, depth: number): unknown {
  if (++walk.items > MAX_VALUE_ITEMS) refuse(`more than ${MAX_VALUE_ITEMS} items`, depth);
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value)) refuse('a string with a lone surrogate', depth);
      return value;
    case 'number':
      if (value !== 0 || !Object.is(value, -0)) return value;
      walk.items += 1;
      return NEGATIVE_ZERO;
    case 'bigint':
      if (value < BIGINT_END && value >= -BIGINT_END) return value;
      return refuse(`a bigint of more than ${MAX_BIGINT_BYTES} bytes`, depth);
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      return value === null ? null : prepareObject(value, depth);
    case 'function':
    case 'symbol':
      break;
  }
  return refuse(`a ${typeof value}`, depth);
}

function prepareObject(value: object, depth: number): unknown {
  if (value instanceof Uint8Array) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Date.prototype) return value;
  if (depth === MAX_VALUE_DEPTH) refuse(`more than ${MAX_VALUE_DEPTH} levels deep`, depth);
  if (Array.isArray(value)) return prepareArray(value, depth);
  if (isPlain(value, prototype)) return prepareRecord(value, depth);
  if (value instanceof Map && prototype === Map.prototype) return prepareMap(value, depth);
  if (value instanceof Set && prototype === Set.prototype) return prepareSet(value, depth);
  return refuse(`an instance of ${value.constructor.name}`, depth);
}

function prepareArray(array: readonly unknown[], depth: number): unknown {
  let copy: unknown[] | undefined;
  for (let index = 0; index < array.length; index++) {
    const item = array[index];
    walk.trail[depth] = index;
    const prepared = prepare(item, depth + 1);
    if (!Object.is(prepared, item)) (copy ??= [...array])[index] = prepared;
  }
  return copy ?? array;
}

function prepareRecord(record: Readonly<Record<string, unknown>>, depth: number): unknown {
  let copy: Record<string, unknown> | undefined;
  let hasProto = false;
  if (Object.getOwnPropertySymbols(record).length > 0) refuse('a symbol as a key', depth);
  for (const key of Object.keys(record)) {
    const item = record[key];
    walk.items += 1;
    walk.trail[depth] = key;
    if (!isWellFormed(key)) refuse('a key with a lone surrogate', depth + 1);
    if (key === '__proto__') hasProto = true;
    const prepared = prepare(item, depth + 1);
    if (Object.is(prepared, item)) continue;
    Object.defineProperty((copy ??= { ...record }), key, { value: prepared });
  }
  if (!hasProto) return copy ?? record;
  walk.items += 1;
  return new TaggedValue(VALUE_TAGS.object, Object.entries(copy ?? record).flat(1));
}

function prepareMap(map: ReadonlyMap<unknown, unknown>, depth: number): TaggedValue {
  const items: unknown[] = [];
  walk.items += 1;
  for (const [key, item] of map) {
    walk.trail[depth] = items.length / 2;
    items.push(prepare(key, depth + 1), prepare(item, depth + 1));
  }
  return new TaggedValue(VALUE_TAGS.map, items);
}

function prepareSet(set: ReadonlySet<unknown>, depth: number): TaggedValue {
  const items: unknown[] = [];
  walk.items += 1;
  for (const item of set) {
    walk.trail[depth] = items.length;
    items.push(prepare(item, depth + 1));
  }
  return new TaggedValue(VALUE_TAGS.set, items);
}

/** Also true for the plain objects of another realm and for those without a prototype. */
function isPlain(_value: object, prototype: unknown): _value is Record<string, unknown> {
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function refuse(what: string, depth: number): never {
  const path = walk.trail.slice(0, depth).map(pathStep).join('');
  throw new RpcError('InvalidArgument', `value${path} cannot be carried: ${what}`);
}

function pathStep(key: string | number): string {
  if (typeof key === 'number') return `[${key}]`;
  return IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
