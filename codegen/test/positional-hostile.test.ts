import {
  decodePositional,
  DecoraftError,
  encodePositional,
  readArguments,
  type Schema,
} from '@decoraft/protocol';
import { describe, expect, test } from 'vitest';
import { decodeValue, encodeValue } from '../../packages/rpc/src/index.js';
import type { RandomOperation } from '../../packages/protocol/test/support/random-values.js';
import { runEmitted } from './positional.js';

const MEBIBYTE = 1_048_576;
/** The mark and the hash, which decoders do not look at. */
const HEADER = 'c100000000';
const number: Schema = { kind: 'number' };
const string: Schema = { kind: 'string' };
const none: Schema = { kind: 'null' };
const array = (element: Schema): Schema => ({ kind: 'array', element });
const tuple = (...schemas: readonly Schema[]): Schema => ({
  kind: 'tuple',
  elements: schemas.map((schema) => ({ schema, optional: false })),
});
const union = (...options: readonly Schema[]): Schema => ({ kind: 'union', options });
const perhaps: Schema = {
  kind: 'object',
  properties: [{ name: 'id', schema: union(number, { kind: 'void' }), optional: true }],
};
const tree: Schema = { kind: 'reference', name: 'Tree' };
const types = {
  Tree: { kind: 'object', properties: [{ name: 'children', schema: array(tree), optional: false }] },
} as const satisfies RandomOperation['types'];

const takes = (schema: Schema, optional = false): RandomOperation => ({
  operation: { name: 'run', parameters: [{ name: 'value', schema, optional }] },
  types,
});
const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'));

/** What is sent, to what takes which argument, in hexadecimal; and what is wrong with it. */
const ROWS: readonly (readonly [claim: string, Schema, sent: string, problem: string])[] = [
  ['nothing', number, '', 'byte 5: 1 bytes declared, 0 left'],
  ['half a number', number, 'f9000f', 'byte 6: 4 bytes declared, 2 left'],
  ['a length of 2 GiB', string, 'f97fffffff61', 'byte 10: 2147483647 bytes declared, 1 left'],
  ['a length of 4 GiB', { kind: 'bytes' }, 'f9ffffffff', 'byte 10: 4294967295 bytes declared, 0 left'],
  ['a length of 48 bits', string, 'faffffffffffff', 'byte 5: a length of 281474976710655'],
  ['a count of 500 million', array(number), 'f91dcd650000', '500000000 items declared, 1 bytes left'],
  ['a Set of as many', { kind: 'set', element: number }, 'f91dcd650000', '500000000 items declared'],
  ['a Map of as many', { kind: 'map', key: none, value: none }, 'f91dcd650000', '500000000 items declared'],
  ['a record of as many', { kind: 'record', value: none }, 'f91dcd650000', '500000000 items declared'],
  ['a count of what has no bytes', array(none), '05000000', '5 items declared, 3 bytes left'],
  ['what has no bytes, with one', array(none), '0101', 'byte 6: a filler of 1'],
  ['depth', tree, '01'.repeat(40), 'more than 64 levels deep'],
  ['items', array(number), `f9000f4241${'00'.repeat(1_000_001)}`, 'more than 1000000 items'],
  [
    '100 items a byte',
    array(tuple(...Array.from({ length: 100 }, () => none))),
    `f82710${'00'.repeat(10_000)}`,
    'more than 1000000 items',
  ],
  ['something behind the end', number, '0000', 'byte 6: 1 bytes too many'],
  ['a short text that is no UTF-8', string, '02c328', 'byte 6: a string that is not UTF-8'],
  ['a long one', string, `30${'61'.repeat(47)}ff`, 'byte 6: a string that is not UTF-8'],
  ['half a pair of surrogates', string, '03eda080', 'byte 6: a string that is not UTF-8'],
  ['a character in two bytes that needs one', string, '02c080', 'byte 6: a string that is not UTF-8'],
  ['a key that is no UTF-8', { kind: 'record', value: none }, '0101ff', 'byte 7: a string that is not UTF-8'],
  ['a number in a longer form', number, 'f80001', 'byte 5: a number that has a shorter form'],
  ['a length in a longer form', string, 'f9000000016100', 'byte 5: a length that has a shorter form'],
  ['a whole number as a float', number, 'fb3ff0000000000000', 'byte 5: a number that has another form'],
  ['another NaN', number, 'fb7ff8000000000001', 'byte 5: a number that has another form'],
  ['a form that there is not', number, 'fc', 'byte 5: a number that begins with 252'],
  ['a third boolean', { kind: 'boolean' }, '02', 'byte 5: a boolean of 2'],
  ['a bigint without bytes', { kind: 'bigint' }, '00', 'byte 5: a bigint that has a shorter form'],
  ['a bigint with one too many', { kind: 'bigint' }, '020001', 'byte 5: a bigint that has a shorter form'],
  [
    'a bigint of 1,025 bytes',
    { kind: 'bigint' },
    `f80401${'01'.repeat(1_025)}`,
    'byte 5: a length of a bigint of 1025',
  ],
  ['a Date between milliseconds', { kind: 'date' }, 'fb3ff8000000000000', 'byte 5: a Date that is no time'],
  ['a Date after all time', { kind: 'date' }, 'fb7e37e43c8800759c', 'byte 5: a Date that is no time'],
  ['an option that there is not', union(number, string), '02', 'byte 5: a option of 2'],
  ['a presence that there is not', perhaps, '03', 'byte 5: a presence of 3'],
  ['a value that is there and undefined', perhaps, '0101', 'a value that is undefined'],
  ['an element twice', { kind: 'set', element: number }, '020202', 'a set with an element twice'],
  ['a key of a Map twice', { kind: 'map', key: number, value: none }, '020202', 'a map with a key twice'],
  ['a key of a record twice', { kind: 'record', value: none }, '0201610161', 'a record with a key twice'],
];

/** The code and message of what is thrown, and how much memory was taken for it. */
function refusalOf(run: () => unknown): { readonly refusal: string; readonly takenBytes: number } {
  const before = process.memoryUsage();
  let refusal = 'no refusal';
  try {
    run();
  } catch (thrown) {
    refusal = thrown instanceof DecoraftError ? `${thrown.code} ${thrown.message}` : String(thrown);
  }
  const after = process.memoryUsage();
  const takenBytes = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  return { refusal, takenBytes };
}

describe('bytes that no encoder wrote are refused with the place, by what is emitted as by the reference', () => {
  test.each(ROWS)('%s', (_, schema, sent, problem) => {
    const one = takes(schema);
    const [emitted] = runEmitted([one]);
    const bytes = bytesOf(HEADER + sent);
    const runs = [
      () => emitted?.decoder.decode(bytes, 'users.run'),
      () => decodePositional(one.operation, types, bytes, 'users.run'),
    ];
    for (const run of runs) {
      const { refusal, takenBytes } = refusalOf(run);
      expect(refusal).toMatch(/^InvalidArgument .*users\.run: encoded arguments, byte \d+: /);
      expect(refusal).toContain(problem);
      // A million items that are there take what a million items take; none of the lies does.
      expect(takenBytes).toBeLessThan(100 * MEBIBYTE);
    }
  });

  test('a rest of more than there is', () => {
    const rest = { name: 'others', schema: number, optional: false };
    const one: RandomOperation = { operation: { name: 'run', parameters: [], rest }, types };
    const [emitted] = runEmitted([one]);
    const bytes = bytesOf(`${HEADER}f91dcd650000`);
    expect(() => emitted?.decoder.decode(bytes, 'users.run')).toThrow(
      '500000000 items declared, 1 bytes left',
    );
  });
});

describe('who calls by another shape is told so', () => {
  const one = takes(number);
  const called = { owner: {}, operation: one.operation, types, where: 'users.run' };
  const codeOf = (run: () => unknown): string => refusalOf(run).refusal.split(' ')[0] ?? '';

  test('a hash that nobody has', () => {
    const bytes = encodePositional(one.operation, types, [5])!;
    expect(readArguments(called, bytes, decodeValue)).toEqual([5]);
    bytes.set([(bytes.at(4) ?? 0) ^ 1], 4);
    expect(codeOf(() => readArguments(called, bytes, decodeValue))).toBe('SchemaMismatch');
  });

  test('arguments by position for what takes none', () => {
    const untyped = { ...called, operation: takes({ kind: 'unknown' }).operation };
    const bytes = encodePositional(one.operation, types, [5])!;
    expect(codeOf(() => readArguments(untyped, bytes, decodeValue))).toBe('SchemaMismatch');
    expect(readArguments(untyped, encodeValue([5]), decodeValue)).toEqual([5]);
  });

  test('the mark without a hash is no value at all', () => {
    expect(() => readArguments(called, bytesOf('c10000'), decodeValue)).toThrow('0xc1 means nothing');
  });
});
