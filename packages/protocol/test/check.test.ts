import { describe, expect, it } from 'vitest';
import { checkArguments, DecoraftError, type Operation, type Schema } from '../src/index.js';

const tree: Schema = {
  kind: 'object',
  properties: [
    { name: 'value', schema: { kind: 'number' }, optional: false },
    {
      name: 'children',
      schema: { kind: 'array', element: { kind: 'reference', name: 'Tree' } },
      optional: true,
    },
  ],
};
const types = { Tree: tree };

/** An object of one size, which is told apart from others where it has a `kind`. */
function sized(size: 'number' | 'string', kind?: string): Schema {
  const tag = kind === undefined ? [] : [{ name: 'kind', schema: literal(kind), optional: false }];
  return { kind: 'object', properties: [...tag, { name: 'size', schema: { kind: size }, optional: false }] };
}

function operation(...schemas: readonly Schema[]): Operation {
  const parameters = schemas.map((schema, at) => ({ name: `p${at}`, schema, optional: false }));
  return { id: 1, name: 'set', kind: 'cmd', parameters, result: { kind: 'void' } };
}

function problem(checked: Operation, args: unknown): string {
  try {
    checkArguments(checked, types, args, 'users.set');
  } catch (error) {
    expect(error).toBeInstanceOf(DecoraftError);
    expect((error as DecoraftError).code).toBe('InvalidArgument');
    return (error as Error).message;
  }
  return 'none';
}

const literal = (value: string | number | boolean | bigint): Schema => ({ kind: 'literal', value });
const shapes: Schema = { kind: 'union', options: [sized('number', 'circle'), sized('string', 'square')] };
const shape: Schema = {
  kind: 'union',
  options: [
    { kind: 'object', properties: [{ name: 'kind', schema: literal('circle'), optional: false }] },
    { kind: 'null' },
  ],
};

describe('arguments fit their schema', () => {
  it.each<[string, Schema, unknown]>([
    ['a string', { kind: 'string' }, 'x'],
    ['NaN as a number', { kind: 'number' }, Number.NaN],
    ['a bigint', { kind: 'bigint' }, 5n],
    ['a date', { kind: 'date' }, new Date(0)],
    ['bytes', { kind: 'bytes' }, new Uint8Array(2)],
    ['a literal', literal(3n), 3n],
    ['a map', { kind: 'map', key: { kind: 'string' }, value: { kind: 'number' } }, new Map([['a', 1]])],
    ['a set', { kind: 'set', element: { kind: 'number' } }, new Set([1])],
    ['a record', { kind: 'record', value: { kind: 'number' } }, { ['__proto__x']: 1 }],
    ['a recursive type', { kind: 'reference', name: 'Tree' }, { value: 1, children: [{ value: 2 }] }],
    ['one option of a union', shape, { kind: 'circle' }],
    ['another option of a union', shape, null],
    ['undefined as void', { kind: 'void' }, undefined],
    ['anything as unknown', { kind: 'unknown' }, { a: 1 }],
    [
      'a tuple with an optional end',
      {
        kind: 'tuple',
        elements: [
          { schema: { kind: 'string' }, optional: false },
          { schema: { kind: 'number' }, optional: true },
        ],
      },
      ['a'],
    ],
    [
      'a tuple with a rest',
      {
        kind: 'tuple',
        elements: [{ schema: { kind: 'string' }, optional: false }],
        rest: { kind: 'number' },
      },
      ['a', 1, 2],
    ],
  ])('%s passes', (_, schema, value) => {
    expect(problem(operation(schema), [value])).toBe('none');
  });

  it('properties that the schema does not name pass, as structural types allow', () => {
    expect(problem(operation({ kind: 'reference', name: 'Tree' }), [{ value: 1, more: true }])).toBe('none');
  });
});

describe('a misfit is named by argument, path, expectation and kind, never by content', () => {
  it.each<[string, Schema, unknown, string]>([
    ['a wrong primitive', { kind: 'string' }, 5, '(p0) must be a string, got a number'],
    ['a missing argument', { kind: 'string' }, undefined, '(p0) must be a string, got nothing'],
    ['a wrong literal', literal('on'), 'secret', '(p0) must be "on", got a string'],
    [
      'deep inside',
      { kind: 'reference', name: 'Tree' },
      { value: 1, children: [{ value: 'x' }] },
      '(p0.children[0].value) must be a number, got a string',
    ],
    [
      'an array as an object',
      { kind: 'reference', name: 'Tree' },
      [],
      '(p0) must be an object, got an array of 0',
    ],
    [
      'an inherited property',
      { kind: 'object', properties: [{ name: 'constructor', schema: { kind: 'string' }, optional: false }] },
      {},
      '(p0.constructor) must be a string, got nothing',
    ],
    [
      'a Map as a record',
      { kind: 'record', value: { kind: 'number' } },
      new Map(),
      '(p0) must be an object, got a Map',
    ],
    [
      'a wrong map key',
      { kind: 'map', key: { kind: 'string' }, value: { kind: 'number' } },
      new Map([[1, 1]]),
      '(p0[entry 0].key) must be a string, got a number',
    ],
    [
      'a wrong set element',
      { kind: 'set', element: { kind: 'number' } },
      new Set(['a']),
      '(p0[element 0]) must be a number, got a string',
    ],
    [
      'a tuple that is too long',
      { kind: 'tuple', elements: [] },
      [1],
      '(p0) must be a tuple of at most 0, got an array of 1',
    ],
    [
      'a property of the option that was meant',
      shapes,
      { kind: 'circle', size: 'x' },
      '(p0.size) must be a number, got a string',
    ],
    ['no literal of any option', shapes, { kind: 1 }, '(p0.kind) must be "circle" or "square", got a number'],
    [
      'options that look alike',
      { kind: 'union', options: [sized('number'), sized('string')] },
      { size: true },
      '(p0) must be { size: number } | { size: string }, got an object',
    ],
    [
      'a union in what was meant',
      {
        kind: 'array',
        element: { kind: 'union', options: [{ kind: 'null' }, { kind: 'reference', name: 'Tree' }] },
      },
      [null, { value: 1, children: [{ value: 'x' }] }],
      '(p0[1].children[0].value) must be a number, got a string',
    ],
    ['an instance of a class', { kind: 'number' }, new Error('no'), '(p0) must be a number, got an Error'],
    ['no option of a union', shape, 1, '(p0) must be an object or null, got a number'],
  ])('%s', (_, schema, value, words) => {
    expect(problem(operation(schema), [value])).toContain(`users.set: argument 1 ${words}`);
  });

  it('too many arguments', () => {
    expect(problem(operation({ kind: 'string' }), ['a', 'b'])).toContain(
      'users.set takes 1 argument(s), got 2',
    );
  });

  it('arguments that are no array', () => {
    expect(problem(operation(), { 0: 'a' })).toContain('arguments must be an array');
  });

  it('each argument of a rest parameter', () => {
    const rest = { name: 'more', schema: { kind: 'number' }, optional: false } as const;
    expect(problem({ ...operation(), rest }, [1, 2, 3])).toBe('none');
    expect(problem({ ...operation(), rest }, [1, 'x'])).toContain('argument 2 (more) must be a number');
  });
});
