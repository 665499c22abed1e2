import { describe, expect, it } from 'vitest';
import {
  argumentsHash,
  argumentsText,
  canonicalOptions,
  describeOperation,
  operationText,
  type Operation,
  resultHash,
  type Schema,
  schemaText,
} from '../src/index.js';
import { array, literal, number, object, reference, string, tuple, union, VOID } from './support/schemas.js';

const operation: Operation = {
  id: 1,
  name: 'set',
  kind: 'cmd',
  parameters: [
    { name: 'key', schema: string, optional: false },
    { name: 'wish', schema: reference('Wish'), optional: true },
  ],
  rest: { name: 'more', schema: union(number, string), optional: false },
  result: union(string, VOID),
};

describe('an operation is described for people', () => {
  it('with its types by their names, what may be left out, and the rest', () => {
    expect(describeOperation(operation)).toBe(
      'set(key: string, wish?: Wish, ...more: (number | string)[]): string | undefined',
    );
  });

  it.each<[Schema, string]>([
    [VOID, 'void'],
    [object({ a: number, 'b-c?': literal('x') }), '{ a: number; "b-c"?: "x" }'],
    [
      tuple([string, number], { optionalFrom: 1, rest: union(string, number) }),
      '[string, number?, ...(string | number)[]]',
    ],
    [{ kind: 'record', value: { kind: 'bytes' } }, 'Record<string, Uint8Array>'],
    [
      { kind: 'map', key: { kind: 'date' }, value: { kind: 'set', element: literal(3n) } },
      'Map<Date, Set<3n>>',
    ],
    [union(), 'never'],
    [object({}), '{}'],
  ])('%o is %s', (result, text) => {
    expect(describeOperation({ name: 'f', parameters: [], result })).toBe(`f(): ${text}`);
  });
});

describe('the canonical text of a shape', () => {
  const list = object({ value: number, 'next?': reference('List') });
  const types = {
    List: list,
    Other: object({ 'next?': reference('Other'), value: number }),
    // Written out for two steps before it comes back to itself.
    Twice: object({ value: number, 'next?': object({ value: number, 'next?': reference('Twice') }) }),
    Even: object({ value: number, 'next?': reference('Odd') }),
    Odd: object({ value: number, 'next?': reference('Even') }),
    Choice: union(reference('Number'), reference('Choice2')),
    Choice2: union(string, reference('Choice')),
    Number: number,
  };
  const text = (schema: Schema): string => schemaText(schema, types);

  it.each<[string, Schema, Schema]>([
    ['named, or written out', reference('Number'), number],
    ['properties in another order', object({ a: number, b: string }), object({ b: string, a: number })],
    ['options in another order', union(number, string), union(string, number)],
    ['an option twice', union(number, string, number), union(string, number)],
    ['an object twice', union(object({ a: number }), object({ a: number })), object({ a: number })],
    ['a union in a union', union(number, union(string, VOID)), union(VOID, string, number)],
    ['true or false', union(literal(true), literal(false)), { kind: 'boolean' }],
    ['a literal beside its primitive', union(string, literal('x')), string],
    ['a recursive type by another name', reference('List'), reference('Other')],
    ['a recursive type, once written out', list, reference('List')],
    ['a recursive type, twice written out', reference('Twice'), reference('List')],
    ['a recursive type of two names', reference('Odd'), reference('List')],
    [
      'a union of recursive types that are one',
      union(reference('Odd'), reference('Twice')),
      reference('List'),
    ],
    ['unions that hold each other', reference('Choice'), union(string, number)],
  ])('is the same: %s', (_, left, right) => {
    expect(text(left)).toBe(text(right));
  });

  it.each<[string, Schema, Schema]>([
    ['another primitive', number, string],
    ['optional', object({ 'a?': number }), object({ a: number })],
    ['another name of a property', object({ a: number }), object({ b: number })],
    ['a literal that is written as another kind', literal('1'), literal(1)],
    ['a bigint', literal(1n), literal(1)],
    ['a literal that is called as a kind', literal('string'), string],
    ['a rest', tuple([number], { rest: number }), tuple([number, number])],
    ['an array', array(number), { kind: 'set', element: number }],
    [
      'the properties of two objects',
      union(object({ a: number }), object({ a: string })),
      union(object({ a: number }), object({ b: string })),
    ],
    ['a recursive type of another depth', reference('List'), object({ value: number, 'next?': number })],
    [
      'a map turned round',
      { kind: 'map', key: string, value: number },
      { kind: 'map', key: number, value: string },
    ],
  ])('is another: %s', (_, left, right) => {
    expect(text(left)).not.toBe(text(right));
  });

  it('is written down here, because it is hashed in logs and on the wire', () => {
    const wish = object({ 'ttl?': number, kind: union(literal('b'), literal('a')), next: reference('List') });
    expect(operationText(operation, { ...types, Wish: wish })).toMatchInlineSnapshot(
      `"tuple(string,?object("kind":union("a","b"),"next":object("next"?:#3,"value":number),"ttl"?:number),...union(number,string)) => union(string,void)"`,
    );
    expect(argumentsText({ parameters: [] }, {})).toBe('tuple');
    expect(argumentsHash(operation, { Wish: number })).toMatchInlineSnapshot(`494491525`);
    expect(resultHash(operation, {})).toMatchInlineSnapshot(`1215571696`);
    expect(text(reference('List'))).toMatchInlineSnapshot(`"object("next"?:#0,"value":number)"`);
  });

  it('of large types stays small', () => {
    let schema: Schema = object({ a: number, b: string });
    for (let depth = 0; depth < 40; depth++) schema = object({ left: schema, right: schema });
    expect(text(schema).length).toBeLessThan(3_000);
  });
});

describe('the options of a union in canonical order', () => {
  it('are the same wherever the union stands', () => {
    const options = [
      object({ kind: literal('b') }),
      object({ kind: literal('a') }),
      string,
      literal('x'),
      VOID,
    ];
    const ordered = canonicalOptions(union(...options), {});
    expect(ordered).toEqual(canonicalOptions(union(...options.toReversed()), {}));
    expect(ordered).toHaveLength(4);
    expect(canonicalOptions(union(literal(true), string, literal(false)), {})).toEqual([
      { kind: 'boolean' },
      string,
    ]);
    expect(canonicalOptions(number, {})).toEqual([number]);
  });
});
