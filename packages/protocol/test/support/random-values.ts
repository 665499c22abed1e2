import { type Random, unreachable } from '@decoraft/base';
import type { Operation, Schema } from '../../src/index.js';
import { resolveType, type Types } from '../../src/types.js';

/** The arguments of an operation, and the types that they refer to. */
export interface RandomOperation {
  readonly operation: Pick<Operation, 'name' | 'parameters' | 'rest'>;
  readonly types: Types;
}

const LEAVES: readonly Schema[] = [
  { kind: 'void' },
  { kind: 'null' },
  { kind: 'boolean' },
  { kind: 'number' },
  { kind: 'bigint' },
  { kind: 'string' },
  { kind: 'date' },
  { kind: 'bytes' },
];
const LITERALS = ['a', 'b', '', "it's", 0, 1, -1.5, true, false, 7n, -7n];
const NAMES = ['id', 'kind', 'value', 'odd-name', '__proto__', 'constructor', '2', 'next'];
const TYPE_NAMES = ['Tree', 'Item', 'Choice'];

/** Picks one. */
export function pick<Value>(random: Random, values: readonly Value[]): Value {
  return values.at(Math.floor(random() * values.length)) as Value;
}

const times = <Value>(count: number, make: (at: number) => Value): Value[] =>
  Array.from({ length: count }, (_, at) => make(at));

/** A list of parameters with all kinds of types in them, recursive ones included. */
export function randomOperation(random: Random): RandomOperation {
  const types = Object.fromEntries(TYPE_NAMES.map((name) => [name, randomType(random)]));
  const parameters = times(1 + Math.floor(random() * 3), (at) => ({
    name: `parameter${at}`,
    schema: randomSchema(random, 3),
    optional: random() < 0.3,
  }));
  const hasRest = random() < 0.3;
  const rest = { name: 'others', schema: randomSchema(random, 2), optional: false };
  return { operation: { name: 'run', parameters, ...(hasRest ? { rest } : {}) }, types };
}

/** What has a name has a container in it, so that it ends somewhere. */
function randomType(random: Random): Schema {
  const schema = randomObject(random, 2);
  if (random() < 0.6) return schema;
  return { kind: 'union', options: [schema, randomLeaf(random), randomObject(random, 1)] };
}

function randomLeaf(random: Random): Schema {
  return random() < 0.7 ? pick(random, LEAVES) : { kind: 'literal', value: pick(random, LITERALS) };
}

function randomSchema(random: Random, depth: number): Schema {
  if (depth === 0 || random() < 0.3) return randomLeaf(random);
  const part = (): Schema => randomSchema(random, depth - 1);
  switch (
    pick(random, ['array', 'tuple', 'record', 'map', 'set', 'object', 'union', 'reference', 'literals'])
  ) {
    case 'array':
      return { kind: 'array', element: part() };
    case 'tuple': {
      const required = Math.floor(random() * 3);
      const optional = random() < 0.4 ? 2 : 0;
      const elements = times(required + optional, (at) => ({ schema: part(), optional: at >= required }));
      return { kind: 'tuple', elements, ...(random() < 0.3 ? { rest: part() } : {}) };
    }
    case 'record':
      return { kind: 'record', value: part() };
    case 'map':
      return { kind: 'map', key: part(), value: part() };
    case 'set':
      return { kind: 'set', element: part() };
    case 'object':
      return randomObject(random, depth);
    case 'reference':
      return { kind: 'reference', name: pick(random, TYPE_NAMES) };
    case 'literals':
      return { kind: 'union', options: LITERALS.slice(0, 4).map((value) => ({ kind: 'literal', value })) };
    default:
      return { kind: 'union', options: times(1 + Math.floor(random() * 4), part) };
  }
}

function randomObject(random: Random, depth: number): Schema {
  const properties = NAMES.filter(() => random() < 0.35).map((name) => {
    const optional = random() < 0.4;
    // What is always there must not go on for ever.
    const schema = optional || random() < 0.3 ? randomSchema(random, depth - 1) : randomLeaf(random);
    return { name, schema: optional ? schema : withoutReference(schema), optional };
  });
  return { kind: 'object', properties };
}

function withoutReference(schema: Schema): Schema {
  const isEndless = JSON.stringify(schema, (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  ).includes('"reference"');
  return isEndless ? { kind: 'array', element: schema } : schema;
}

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  123,
  124,
  -124,
  -125,
  32_767,
  32_768,
  -32_768,
  -32_769,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31) - 1,
  2 ** 47 - 1,
  2 ** 47,
  -(2 ** 47),
  -(2 ** 47) - 1,
  1.5,
  -0.1,
  Number.NaN,
  Infinity,
  -Infinity,
  2 ** 53,
  1e300,
];
const BIGINTS = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  -128n,
  -129n,
  255n,
  256n,
  2n ** 63n,
  -(2n ** 63n),
  2n ** 8191n - 1n,
  -(2n ** 8191n),
];
const TEXTS = [
  '',
  'a',
  'key',
  'é',
  '\u{feff}x',
  '😀'.repeat(3),
  'x'.repeat(47),
  'x'.repeat(48),
  'é'.repeat(120),
  'é'.repeat(130),
  'x'.repeat(247),
  'x'.repeat(248),
  'x'.repeat(70_000),
];
const DATES = [0, 1, -1, 1_700_000_000_000, -8.64e15, 8.64e15, Number.NaN];

/** A value that fits. @param depth How much deeper it may go where it has a choice. */
export function randomValue(random: Random, schema: Schema, types: Types, depth = 6): unknown {
  const some = (element: Schema): unknown[] =>
    times(depth <= 0 ? 0 : Math.floor(random() * 4), () => randomValue(random, element, types, depth - 1));
  switch (schema.kind) {
    case 'void':
      return undefined;
    case 'null':
      return null;
    case 'boolean':
      return random() < 0.5;
    case 'number':
      return random() < 0.5 ? pick(random, NUMBERS) : Math.round((random() - 0.5) * 2 ** (random() * 60));
    case 'bigint':
      return pick(random, BIGINTS);
    case 'string':
      // The long one is rare: it makes everything slow.
      return pick(random, random() < 0.98 ? TEXTS.slice(0, -1) : TEXTS);
    case 'date':
      return new Date(pick(random, DATES));
    case 'bytes':
      return Uint8Array.from(times(Math.floor(random() * 5), () => Math.floor(random() * 256)));
    case 'literal':
      return schema.value;
    case 'array':
      return some(schema.element);
    case 'set':
      return new Set(some(schema.element));
    case 'map':
      return new Map(
        some(schema.key).map((key) => [key, randomValue(random, schema.value, types, depth - 1)]),
      );
    case 'record': {
      const keys = times(depth <= 0 ? 0 : Math.floor(random() * 4), () => pick(random, [...NAMES, 'é', '']));
      return Object.fromEntries(
        keys.map((key) => [key, randomValue(random, schema.value, types, depth - 1)]),
      );
    }
    case 'tuple': {
      const { elements, rest } = schema;
      const required = elements.filter(({ optional }) => !optional).length;
      const length = random() < 0.5 ? elements.length : required;
      const values = elements
        .slice(0, length)
        .map((element) =>
          element.optional && random() < 0.3
            ? undefined
            : randomValue(random, element.schema, types, depth - 1),
        );
      return rest && length === elements.length ? [...values, ...some(rest)] : values;
    }
    case 'object': {
      const entries = schema.properties.flatMap(({ name, optional, schema: property }) => {
        if (optional && (depth <= 0 || random() < 0.4))
          return random() < 0.3 ? [[name, undefined] as const] : [];
        return [[name, randomValue(random, property, types, depth - 1)] as const];
      });
      if (random() < 0.2) entries.reverse();
      return Object.fromEntries(entries);
    }
    case 'union': {
      const options = depth <= 0 ? schema.options.filter((option) => !isDeep(option)) : schema.options;
      return randomValue(
        random,
        pick(random, options.length > 0 ? options : schema.options),
        types,
        depth - 1,
      );
    }
    case 'reference':
      return randomValue(random, resolveType(types, schema.name), types, depth - 1);
    case 'unknown':
      return pick<unknown>(random, [1, 'a', null]);
    default:
      return unreachable(schema);
  }
}

function isDeep({ kind }: Schema): boolean {
  return ['reference', 'object', 'tuple', 'union'].includes(kind);
}

/** Arguments that fit. */
export function randomArguments(random: Random, { operation, types }: RandomOperation): unknown[] {
  const { parameters, rest } = operation;
  const args = parameters.map(({ optional, schema }) =>
    optional && random() < 0.3 ? undefined : randomValue(random, schema, types),
  );
  if (rest) args.push(...times(Math.floor(random() * 3), () => randomValue(random, rest.schema, types)));
  return args;
}

const STRANGERS: readonly unknown[] = [
  undefined,
  null,
  'stranger',
  '\ud800',
  5,
  -0,
  true,
  9n,
  2n ** 9000n,
  new Date(5),
  [],
  [undefined],
  {},
  { extra: 1 },
  new Map([[1, 2]]),
  new Set(['a']),
  Uint8Array.of(1),
  Symbol('s'),
  () => 1,
  Object.create(null),
  Object.prototype,
  new (class extends Map {})(),
  new (class Point {
    readonly x = 1;
  })(),
  { [Symbol('s')]: 1 },
];

/** The same with something in it replaced, left out or added, which may or may not fit. */
export function disturbed(random: Random, value: unknown): unknown {
  if (random() < 0.25) return pick(random, STRANGERS);
  if (Array.isArray(value) && value.length > 0) {
    const at = Math.floor(random() * value.length);
    if (random() < 0.2) return value.slice(0, at);
    return value.with(at, disturbed(random, value[at]));
  }
  if (value instanceof Set) {
    const changed = disturbed(random, [...value]);
    return Array.isArray(changed) ? new Set(changed) : changed;
  }
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) {
    return pick(random, STRANGERS);
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random() < 0.3)
    return Object.fromEntries([...entries, [pick(random, NAMES), 1]]);
  const at = Math.floor(random() * entries.length);
  const [key, element] = entries.at(at)!;
  if (random() < 0.3) return Object.fromEntries(entries.toSpliced(at, 1));
  return Object.fromEntries(entries.with(at, [key, disturbed(random, element)]));
}

/** Bytes of which some are others, or missing. */
export function mutated(random: Random, bytes: Uint8Array): Uint8Array {
  let changed = bytes.slice();
  for (let count = 1 + Math.floor(random() * 3); count > 0; count--) {
    const at = 5 + Math.floor(random() * Math.max(1, changed.length - 5));
    const change = random();
    if (change < 0.2) changed = changed.slice(0, Math.max(5, at));
    else if (change < 0.4)
      changed = Uint8Array.of(...changed.slice(0, at), Math.floor(random() * 256), ...changed.slice(at));
    else if (at < changed.length)
      changed[at] =
        random() < 0.5
          ? pick(random, [0, 1, 2, 3, 0xf8, 0xf9, 0xfa, 0xfb, 0xff])
          : Math.floor(random() * 256);
  }
  return changed;
}
