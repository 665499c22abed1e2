import { describe, expect, it } from 'vitest';
import {
  callDifferences,
  type CallShape,
  describeDifference,
  differencesOf,
  type ParameterSchema,
  type Schema,
} from '../src/index.js';
import { array, literal, number, object, reference, string, tuple, union, VOID } from './support/schemas.js';

const BOOLEAN: Schema = { kind: 'boolean' };
const UNKNOWN: Schema = { kind: 'unknown' };
const record = (value: Schema): Schema => ({ kind: 'record', value });
const map = (key: Schema, value: Schema): Schema => ({ kind: 'map', key, value });
const colours = (...names: readonly string[]): Schema => union(...names.map(literal));

function differences(older: Schema, newer: Schema): readonly string[] {
  return differencesOf({ schema: older, types: {} }, { schema: newer, types: {} }).map(describeDifference);
}

describe('all values of the one fit the other', () => {
  it.each<[string, Schema, Schema]>([
    ['a literal as its primitive', literal('red'), string],
    ['an option more', colours('red', 'blue'), colours('blue', 'green', 'red')],
    ['one of several', number, union(string, number)],
    ['a boolean as its two values', BOOLEAN, union(literal(true), literal(false), string)],
    ['both values as a boolean', union(literal(true), literal(false)), BOOLEAN],
    ['a property that was required, and is optional', object({ a: number }), object({ 'a?': number })],
    ['a new optional property', object({ a: number }), object({ a: number, 'b?': string })],
    ['a new property that may be undefined', object({}), object({ a: union(string, VOID) })],
    ['a property that is gone', object({ a: number, b: string }), object({ a: number })],
    ['an object as a record', object({ a: number, b: literal(1) }), record(number)],
    ['a record as an object of optional properties', record(number), object({ 'a?': number })],
    ['a tuple as an array', tuple([number, literal(1)]), array(number)],
    [
      'an array as a tuple of optional elements and a rest',
      array(number),
      tuple([number], { optionalFrom: 0, rest: number }),
    ],
    [
      'a tuple with one more that may be left out',
      tuple([number]),
      tuple([number, string], { optionalFrom: 1 }),
    ],
    ['anything as unknown', map(string, number), UNKNOWN],
    ['nothing at all', union(), string],
    [
      'an object that fits several options only together',
      object({ kind: colours('a', 'b'), isOn: BOOLEAN }),
      union(object({ kind: literal('a'), isOn: BOOLEAN }), object({ kind: literal('b'), isOn: BOOLEAN })),
    ],
  ])('%s', (_, older, newer) => {
    expect(differences(older, newer)).toEqual([]);
  });
});

describe('where values do not fit, path and words say why', () => {
  it.each<[Schema, Schema, readonly string[]]>([
    [number, string, ['a number before, a string now']],
    [string, colours('red', 'blue'), ['a string before, "red" or "blue" now']],
    [literal('red'), literal('blue'), ['"red" before, "blue" now']],
    [colours('red', 'blue'), colours('blue', 'green'), ['may be "red" before, not now']],
    [union(string, VOID), string, ['may be undefined before, not now']],
    [BOOLEAN, union(literal(true), string), ['may be false before, not now']],
    [UNKNOWN, string, ['anything before, a string now']],
    [string, union(), ['a string before, nothing now']],
    [object({ 'a?': number }), object({ a: number }), ['.a: optional before, required now']],
    [object({}), object({ a: number }), ['.a: absent before, required now']],
    [
      object({ 'a?': number }),
      object({ a: string }),
      ['.a: optional before, required now', '.a: a number before, a string now'],
    ],
    [
      object({ a: array(object({ b: number })) }),
      object({ a: array(object({ b: string })) }),
      ['.a[].b: a number before, a string now'],
    ],
    [record(union(number, string)), record(number), ['[value]: may be string before, not now']],
    [record(number), object({ a: number }), ['.a: optional before, required now']],
    [object({ 'a?': number }), record(number), ['.a: may be undefined before, not now']],
    [
      map(string, number),
      map(number, string),
      ['[key]: a string before, a number now', '[value]: a number before, a string now'],
    ],
    [map(string, number), record(number), ['a Map before, an object now']],
    [
      { kind: 'set', element: number },
      { kind: 'set', element: string },
      ['[element]: a number before, a string now'],
    ],
    [tuple([number, string]), tuple([number]), ['[1]: given before, not taken now']],
    [tuple([number]), tuple([number, string]), ['[1]: absent before, required now']],
    [array(number), tuple([number, number], { optionalFrom: 0 }), ['[]: any number before, at most 2 now']],
    [tuple([], { rest: number }), array(string), ['[]: a number before, a string now']],
    [
      union(object({ kind: literal('circle'), radius: number }), object({ kind: literal('point') })),
      union(object({ kind: literal('circle'), radius: string }), object({ kind: literal('line') })),
      ['.radius: a number before, a string now', 'may be { kind: "point" } before, not now'],
    ],
    [union(array(number), VOID), union(array(string), VOID), ['[]: a number before, a string now']],
  ])('%# %o → %o', (older, newer, words) => {
    expect(differences(older, newer)).toEqual(words);
  });

  it('in recursive types, each difference once', () => {
    const tree = (value: Schema): Schema => object({ value, children: array(reference('Tree')) });
    const older = { schema: reference('Tree'), types: { Tree: tree(number) } };
    const newer = {
      schema: reference('Node'),
      types: { Node: object({ value: number, children: array(reference('Node')) }) },
    };
    expect(differencesOf(older, newer)).toEqual([]);
    const other = { schema: reference('Tree'), types: { Tree: tree(string) } };
    expect(differencesOf(older, other).map(describeDifference)).toEqual([
      '.value: a number before, a string now',
    ]);
  });
});

describe('a call fits when its arguments fit the node and the result fits the client', () => {
  const parameter = (name: string, schema: Schema, optional = false): ParameterSchema => ({
    name,
    schema,
    optional,
  });
  const set: CallShape = {
    kind: 'cmd',
    parameters: [parameter('key', string), parameter('value', number)],
    result: union(string, VOID),
  };
  const found = (caller: CallShape, server: CallShape): readonly string[] =>
    callDifferences({ operation: caller, types: {} }, { operation: server, types: {} }).map(
      describeDifference,
    );

  it.each<[string, Partial<CallShape>, readonly string[]]>([
    ['itself', {}, []],
    ['parameters of other names', { parameters: [parameter('k', string), parameter('v', number)] }, []],
    ['an optional parameter more', { parameters: [...set.parameters, parameter('ttl', number, true)] }, []],
    [
      'a required parameter more',
      { parameters: [...set.parameters, parameter('ttl', number)] },
      ['argument 3 (ttl): absent in the client, required on the node'],
    ],
    [
      'a parameter less',
      { parameters: set.parameters.slice(0, 1) },
      ['argument 2 (value): given in the client, not taken on the node'],
    ],
    [
      'another type',
      { parameters: [parameter('key', string), parameter('value', string)] },
      ['argument 2 (value): a number in the client, a string on the node'],
    ],
    [
      'another property in an argument',
      { parameters: [parameter('key', string), parameter('value', object({ a: number }))] },
      ['argument 2 (value): a number in the client, an object on the node'],
    ],
    ['a rest', { rest: parameter('more', string) }, []],
    ['a narrower result', { result: VOID }, []],
    [
      'a wider result',
      { result: union(string, number, VOID) },
      ['result: may be number on the node, not in the client'],
    ],
    ['another kind', { kind: 'qry' }, ['a command in the client, a query on the node']],
  ])('%s on the node', (_, change, words) => {
    expect(found(set, { ...set, ...change })).toEqual(words);
  });

  it('names properties inside arguments, the rest, and events', () => {
    const one = (schema: Schema): CallShape => ({
      kind: 'sub',
      parameters: [parameter('wish', schema)],
      result: schema,
    });
    expect(found(one(object({ 'ttl?': number })), one(object({ ttl: number })))).toEqual([
      'argument 1 (wish.ttl): optional in the client, required on the node',
    ]);
    expect(found(one(object({ ttl: number })), one(object({ 'ttl?': number })))).toEqual([
      'event.ttl: optional on the node, required in the client',
    ]);
    expect(found({ ...set, rest: parameter('more', string) }, set)).toEqual([
      'arguments behind the last (more): any number in the client, at most 2 on the node',
    ]);
    expect(
      found({ ...set, rest: parameter('more', string) }, { ...set, rest: parameter('more', number) }),
    ).toEqual(['arguments behind the last (more): a string in the client, a number on the node']);
  });
});
