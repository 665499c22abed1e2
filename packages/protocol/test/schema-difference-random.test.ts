import { seededRandom } from '@decoraft/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { differencesOf, fits, type Schema, schemaText, type TypedSchema } from '../src/index.js';
import type { Types } from '../src/types.js';
import { array, literal, number, object, reference, string, tuple, union, VOID } from './support/schemas.js';
import { NUMBERS, sample, STRINGS } from './support/sample.js';

const leaf: fc.Arbitrary<Schema> = fc.oneof(
  fc.constantFrom<Schema>(
    number,
    string,
    VOID,
    { kind: 'boolean' },
    { kind: 'null' },
    { kind: 'date' },
    { kind: 'unknown' },
    reference('List'),
    reference('Tree'),
    reference('Nested'),
  ),
  fc.constantFrom(...STRINGS, ...NUMBERS, true, false).map(literal),
);

const schemas = fc.letrec<{ readonly schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    { weight: 4, arbitrary: leaf },
    { weight: 1, arbitrary: tie('schema').map(array) },
    { weight: 1, arbitrary: tie('schema').map((element): Schema => ({ kind: 'set', element })) },
    { weight: 1, arbitrary: tie('schema').map((value): Schema => ({ kind: 'record', value })) },
    {
      weight: 1,
      arbitrary: fc.tuple(leaf, tie('schema')).map(([key, value]): Schema => ({ kind: 'map', key, value })),
    },
    {
      weight: 4,
      arbitrary: fc
        .dictionary(fc.constantFrom('a', 'b', 'c?', 'd?'), tie('schema'), { maxKeys: 3 })
        .map(object),
    },
    { weight: 2, arbitrary: tuples(tie('schema')) },
    {
      weight: 4,
      arbitrary: fc.array(tie('schema'), { minLength: 1, maxLength: 4 }).map((options) => union(...options)),
    },
  ),
})).schema;

function tuples(element: fc.Arbitrary<Schema>): fc.Arbitrary<Schema> {
  return fc
    .record({
      elements: fc.array(element, { maxLength: 3 }),
      optionalFrom: fc.nat(3),
      rest: fc.option(element, { nil: undefined }),
    })
    .map(({ elements, optionalFrom, rest }) => tuple(elements, { optionalFrom, ...(rest && { rest }) }));
}

const types: fc.Arbitrary<Types> = fc
  .record({
    value: leaf.filter(({ kind }) => kind !== 'reference'),
    key: fc.constantFrom('next?', 'other?'),
    end: leaf.filter(({ kind }) => kind !== 'reference'),
  })
  .map(({ value, key, end }) => ({
    List: object({ value, [key]: reference('List') }),
    Tree: object({ children: array(reference('Tree')), value }),
    Nested: union(end, object({ inner: reference('Nested') })),
  }));

const typed: fc.Arbitrary<TypedSchema> = fc.record({ schema: schemas, types });

/** Two that have much in common: the second is the first with one schema in it replaced, or both are anything. */
const pairs = fc.oneof(
  fc.record({ older: typed, newer: typed }),
  fc
    .record({ older: typed, other: schemas, otherTypes: types, at: fc.nat(20), keepsTypes: fc.boolean() })
    .map(({ older, other, otherTypes, at, keepsTypes }) => ({
      older,
      newer: { schema: replaced(older.schema, { at }, other), types: keepsTypes ? older.types : otherTypes },
    })),
);

/** The schema with the one at some place replaced. */
function replaced(schema: Schema, counter: { at: number }, other: Schema): Schema {
  if (counter.at-- === 0) return other;
  const inside = (inner: Schema): Schema => replaced(inner, counter, other);
  switch (schema.kind) {
    case 'array':
    case 'set':
      return { ...schema, element: inside(schema.element) };
    case 'record':
      return { ...schema, value: inside(schema.value) };
    case 'map':
      return { ...schema, key: inside(schema.key), value: inside(schema.value) };
    case 'object':
      return {
        ...schema,
        properties: schema.properties.map((one) => ({ ...one, schema: inside(one.schema) })),
      };
    case 'tuple':
      return { ...schema, elements: schema.elements.map((one) => ({ ...one, schema: inside(one.schema) })) };
    case 'union':
      return union(...schema.options.map(inside));
    default:
      return schema;
  }
}

/** A value of the older that does not fit the newer. */
function witness(
  older: TypedSchema,
  newer: TypedSchema,
  seed: number,
  tries: number,
): { readonly value: unknown } | undefined {
  const random = seededRandom(seed);
  for (let at = 0; at < tries; at++) {
    const value = sample(older.schema, older.types, random);
    expect(fits(older.schema, older.types, value)).toBe(true);
    if (!fits(newer.schema, newer.types, value)) return { value };
  }
  return undefined;
}

/**
 * Whether a union has several options that are no leaves: then some values of one type may fit the one and some the
 * other, which is found for objects only. A difference that is none is allowed there; the other direction never.
 */
function hasChoice(schema: Schema): boolean {
  switch (schema.kind) {
    case 'array':
    case 'set':
      return hasChoice(schema.element);
    case 'record':
      return hasChoice(schema.value);
    case 'map':
      return hasChoice(schema.key) || hasChoice(schema.value);
    case 'object':
      return schema.properties.some((one) => hasChoice(one.schema));
    case 'tuple':
      return (
        schema.elements.some((one) => hasChoice(one.schema)) || (schema.rest ? hasChoice(schema.rest) : false)
      );
    case 'union':
      return schema.options.filter((option) => !isLeaf(option)).length > 1 || schema.options.some(hasChoice);
    default:
      return false;
  }
}

function isLeaf({ kind }: Schema): boolean {
  return (
    kind === 'literal' ||
    kind === 'string' ||
    kind === 'number' ||
    kind === 'boolean' ||
    kind === 'void' ||
    kind === 'null' ||
    kind === 'date'
  );
}

it('where no difference is found, every value of the older fits the newer', () => {
  fc.assert(
    fc.property(pairs, fc.integer(), ({ older, newer }, seed) => {
      if (differencesOf(older, newer).length > 0) return;
      expect(witness(older, newer, seed, 50)).toBeUndefined();
    }),
    { numRuns: 2_000 },
  );
});

it('where a difference is found, some value of the older does not fit the newer', () => {
  fc.assert(
    fc.property(pairs, fc.integer(), ({ older, newer }, seed) => {
      if (differencesOf(older, newer).length === 0 || hasChoice(newer.schema)) return;
      expect(witness(older, newer, seed, 3_000)).toBeDefined();
    }),
    { numRuns: 2_000 },
  );
});

it('shapes of one text fit each other', () => {
  fc.assert(
    fc.property(pairs, ({ older, newer }) => {
      if (schemaText(older.schema, older.types) !== schemaText(newer.schema, newer.types)) return;
      expect(differencesOf(older, newer)).toEqual([]);
      expect(differencesOf(newer, older)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});
