import { unreachable } from '@decoraft/base';
import { describeSchema, expectationOf } from './describe-schema.js';
import { DecoraftError } from './errors.js';
import { meantOption } from './meant-option.js';
import { isPlainObject } from './plain-data.js';
import type { Operation, ParameterSchema, PropertySchema, Schema, TupleElement } from './schema.js';
import { resolveType, type Types } from './types.js';

/** Where a value does not fit: the path to it, and what was expected there. */
interface Misfit {
  readonly path: string;
  readonly expected: string;
  readonly actual: unknown;
  /** Where it is a union that has no option for it. */
  readonly union?: Schema & { readonly kind: 'union' };
}

/**
 * Checks positional arguments against an operation's parameters. Properties that the schema does not name
 * pass, as they do in TypeScript's structural types.
 *
 * @param where The call, for the message: `users.set`.
 * @throws DecoraftError `InvalidArgument`, which names the argument, the path in it, and what was expected.
 */
export function checkArguments(
  operation: Pick<Operation, 'parameters' | 'rest'>,
  types: Types,
  args: unknown,
  where: string,
): asserts args is readonly unknown[] {
  if (!Array.isArray(args)) {
    throw new DecoraftError('InvalidArgument', `${where}: arguments must be an array, got ${nameOf(args)}`);
  }
  const { parameters, rest } = operation;
  if (args.length > parameters.length && !rest) {
    throw new DecoraftError(
      'InvalidArgument',
      `${where} takes ${parameters.length} argument(s), got ${args.length}`,
    );
  }
  for (let position = 0; position < Math.max(parameters.length, args.length); position++) {
    const parameter = parameters[position] ?? rest;
    if (parameter) checkArgument(parameter, types, args[position], `${where}: argument ${position + 1}`);
  }
}

function checkArgument(parameter: ParameterSchema, types: Types, value: unknown, where: string): void {
  if (value === undefined && parameter.optional) return;
  const misfit = explainMisfit(parameter.schema, types, value);
  if (!misfit) return;
  throw new DecoraftError(
    'InvalidArgument',
    `${where} (${parameter.name}${misfit.path}) must be ${misfit.expected}, got ${nameOf(misfit.actual)}`,
  );
}

/**
 * Checks one value.
 *
 * @param where What it is, for the message: `greeter.sum: item 3 of values`.
 * @throws DecoraftError `InvalidArgument`, which names the path in it, and what was expected.
 */
export function checkValue(schema: Schema, types: Types, value: unknown, where: string): void {
  const misfit = explainMisfit(schema, types, value);
  if (!misfit) return;
  throw new DecoraftError(
    'InvalidArgument',
    `${where}${misfit.path === '' ? '' : ` (${misfit.path})`} must be ${misfit.expected}, got ${nameOf(misfit.actual)}`,
  );
}

/** Whether `value` fits `schema`. */
export function fits(schema: Schema, types: Types, value: unknown): boolean {
  return findMisfit(schema, types, value) === undefined;
}

/**
 * As {@link findMisfit}, and in what an option of a union does not fit. That looks into the value once more for each union on the
 * way, so it is asked for messages only: options that are merely tried must cost what they have.
 */
function explainMisfit(schema: Schema, types: Types, value: unknown): Misfit | undefined {
  let misfit = findMisfit(schema, types, value);
  while (misfit?.union) {
    const { path, actual, union } = misfit;
    const meant = meantOption(union, types, actual);
    if (!meant) return misfit;
    if (meant.kind === 'tag') {
      const { name, tag, expected } = meant;
      return { path: `${path}.${name}`, expected: expectationOf(expected), actual: tag };
    }
    misfit = findMisfit(meant.option, types, actual, path);
  }
  return misfit;
}

function findMisfit(schema: Schema, types: Types, value: unknown, path = ''): Misfit | undefined {
  const misfit = (expected: string): Misfit => ({ path, expected, actual: value });
  switch (schema.kind) {
    case 'unknown':
      return undefined;
    case 'void':
      return value === undefined ? undefined : misfit('undefined');
    case 'null':
      return value === null ? undefined : misfit('null');
    case 'boolean':
    case 'number':
    case 'bigint':
    case 'string':
      return typeof value === schema.kind ? undefined : misfit(`a ${schema.kind}`);
    case 'date':
      return value instanceof Date ? undefined : misfit('a Date');
    case 'bytes':
      return value instanceof Uint8Array ? undefined : misfit('a Uint8Array');
    case 'literal':
      return value === schema.value ? undefined : misfit(expectationOf(schema));
    case 'array':
      return Array.isArray(value)
        ? firstMisfit(value, (element, at) => findMisfit(schema.element, types, element, `${path}[${at}]`))
        : misfit('an array');
    case 'tuple':
      return Array.isArray(value) ? tupleMisfit(schema, types, value, path) : misfit('an array');
    case 'record':
      return isPlainObject(value)
        ? firstMisfit(Object.entries(value), ([key, element]) =>
            findMisfit(schema.value, types, element, `${path}[${JSON.stringify(key)}]`),
          )
        : misfit('an object');
    case 'object':
      return isPlainObject(value)
        ? firstMisfit(schema.properties, (property) => propertyMisfit(property, types, value, path))
        : misfit('an object');
    case 'map':
      return value instanceof Map
        ? firstMisfit([...(value as Map<unknown, unknown>)], ([key, element], at) =>
            pairMisfit(schema, types, { key, element }, `${path}[entry ${at}]`),
          )
        : misfit('a Map');
    case 'set':
      return value instanceof Set
        ? firstMisfit([...(value as Set<unknown>)], (element, at) =>
            findMisfit(schema.element, types, element, `${path}[element ${at}]`),
          )
        : misfit('a Set');
    case 'union':
      return schema.options.some((option) => fits(option, types, value))
        ? undefined
        : { ...misfit(expectationOfUnion(schema, value)), union: schema };
    case 'reference':
      return findMisfit(resolveType(types, schema.name), types, value, path);
    default:
      return unreachable(schema);
  }
}

/** Longer ones say nothing at a glance. */
const SHOWN_SHAPES = 160;

/** For an object that none of several objects is: what they look like, where that is short. */
function expectationOfUnion(schema: Schema, value: unknown): string {
  const words = expectationOf(schema);
  if (!isPlainObject(value) || !words.includes('an object')) return words;
  const shapes = describeSchema(schema);
  return shapes.length > SHOWN_SHAPES ? words : shapes;
}

function firstMisfit<Item>(
  items: readonly Item[],
  find: (item: Item, at: number) => Misfit | undefined,
): Misfit | undefined {
  for (const [at, item] of items.entries()) {
    const misfit = find(item, at);
    if (misfit) return misfit;
  }
  return undefined;
}

function propertyMisfit(
  property: PropertySchema,
  types: Types,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Misfit | undefined {
  // Own properties only: an inherited `constructor` is nobody's argument.
  const element = Object.hasOwn(value, property.name) ? value[property.name] : undefined;
  if (element === undefined && property.optional) return undefined;
  return findMisfit(property.schema, types, element, `${path}.${property.name}`);
}

function pairMisfit(
  schema: Schema & { readonly kind: 'map' },
  types: Types,
  pair: { readonly key: unknown; readonly element: unknown },
  path: string,
): Misfit | undefined {
  return (
    findMisfit(schema.key, types, pair.key, `${path}.key`) ??
    findMisfit(schema.value, types, pair.element, `${path}.value`)
  );
}

function tupleMisfit(
  schema: Schema & { readonly kind: 'tuple' },
  types: Types,
  value: readonly unknown[],
  path: string,
): Misfit | undefined {
  const { elements, rest } = schema;
  if (value.length > elements.length && !rest) {
    return { path, expected: `a tuple of at most ${elements.length}`, actual: value };
  }
  const positions = Array.from({ length: Math.max(elements.length, value.length) }, (_, at) => at);
  return firstMisfit(positions, (at) => {
    const element: TupleElement | undefined = elements[at] ?? (rest && { schema: rest, optional: false });
    if (!element || (value[at] === undefined && element.optional)) return undefined;
    return findMisfit(element.schema, types, value[at], `${path}[${at}]`);
  });
}

/** What a value is, for a message: its kind, never its content. */
function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === 'object') return isPlainObject(value) ? 'an object' : withArticle(className(value));
  return value === undefined ? 'nothing' : `a ${typeof value}`;
}

/** What is in an own property is data, and not a class. */
function className(value: object): string {
  const { constructor } = Object.getPrototypeOf(value) as { readonly constructor?: unknown };
  return typeof constructor === 'function' && constructor.name !== '' ? constructor.name : 'object';
}

function withArticle(name: string): string {
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`;
}
