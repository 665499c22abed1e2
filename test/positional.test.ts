import { stableHash } from '@decoraft/base';
import { encodePositional, type Operation, type OperationTable, type Schema } from '@decoraft/protocol';
import { encodeValue } from '@decoraft/rpc';
import { cmd, defineOperations, StateMachine } from 'decoraft';
import { type Cluster, connect, DecoraftError } from 'decoraft/client';
import { startNode } from 'decoraft/server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freePeers } from '../examples/key-value/src/node-process.js';
import { closeAll, later } from './support/later.js';

const number: Schema = { kind: 'number' };
const string: Schema = { kind: 'string' };
const perhapsNumber: Schema = { kind: 'union', options: [number, { kind: 'void' }] };
const DATA: Schema = {
  kind: 'object',
  properties: [
    { name: 'id', schema: number, optional: false },
    { name: 'list', schema: { kind: 'array', element: perhapsNumber }, optional: true },
    { name: 'counts', schema: { kind: 'record', value: number }, optional: true },
    { name: 'name', schema: string, optional: true },
    { name: '__proto__', schema: number, optional: true },
    { name: 'bytes', schema: { kind: 'bytes' }, optional: true },
    { name: 'at', schema: { kind: 'date' }, optional: true },
    { name: 'set', schema: { kind: 'set', element: number }, optional: true },
    { name: 'large', schema: { kind: 'bigint' }, optional: true },
  ],
};
const TAKE: Operation = {
  id: stableHash('take'),
  name: 'take',
  kind: 'cmd',
  parameters: [
    { name: 'data', schema: DATA, optional: false },
    { name: 'more', schema: string, optional: true },
  ],
  result: { kind: 'void' },
};
const TABLE: OperationTable = { format: 1, machine: 'Taker', operations: [TAKE], types: {} };

let got: readonly unknown[] | undefined;

class Taker extends StateMachine {
  @cmd take(...args: readonly unknown[]): void {
    got = args;
  }
}
defineOperations(Taker, TABLE);

let cluster: Cluster;

beforeAll(async () => {
  const peers = await freePeers(['a']);
  const node = later(
    await startNode({ id: 'a', dataDir: ':memory:', peers, machines: { taker: new Taker() } }),
  );
  cluster = later(await connect([node.address]));
});
afterAll(closeAll);

/** What the method was given, or what the caller was told. */
async function outcomeOf(args: readonly unknown[], isByPosition: boolean): Promise<unknown> {
  got = undefined;
  const encode = (given: readonly unknown[]) => encodePositional(TAKE, {}, given);
  const call = { machine: 'taker', operation: TAKE.id, name: TAKE.name, args };
  try {
    await cluster.command(isByPosition ? { ...call, encode } : call, { timeoutMs: 10_000 });
    return { got };
  } catch (thrown) {
    expect(got).toBeUndefined();
    const { code, message } = DecoraftError.from(thrown);
    return { code, message };
  }
}

/** An object whose key `__proto__` is one like any other. */
const withProto = (value: object, proto: unknown): unknown =>
  Object.defineProperty(value, '__proto__', {
    value: proto,
    enumerable: true,
    configurable: true,
    writable: true,
  });

// oxlint-disable-next-line no-sparse-arrays
const SPARSE: readonly unknown[] = [1, , 3];

class Data {
  readonly id = 1;
}

describe('a method is given the same, and a caller told the same, whichever way arguments travel', () => {
  test.each<[string, readonly unknown[], 'fits' | 'does not fit']>([
    ['plain data', [{ id: 1, list: [1, 2] }, 'more'], 'fits'],
    ['what is left out', [{ id: 1 }], 'fits'],
    ['what is undefined', [{ id: 1, list: [undefined] }, undefined], 'fits'],
    ['arrays with holes', [{ id: 1, list: SPARSE }], 'fits'],
    ['-0', [{ id: -0, list: [-0, 0], counts: { a: -0 } }], 'fits'],
    ['NaN and infinities', [{ id: Number.NaN, list: [Infinity, -Infinity] }], 'fits'],
    ['numbers at the ends', [{ id: 2 ** 53, list: [-(2 ** 47) - 1, 5e-324, 1.5] }], 'fits'],
    ['a free key __proto__', [{ id: 1, counts: withProto({ a: 1 }, 2) }], 'fits'],
    ['a property __proto__', [withProto({ id: 1 }, 2)], 'fits'],
    ['keys that objects have', [{ id: 1, counts: { constructor: 1, toString: 2, '7': 3 } }], 'fits'],
    ['an object without prototype', [Object.assign(Object.create(null), { id: 1 })], 'fits'],
    ['a Buffer', [{ id: 1, bytes: Buffer.from('abc') }], 'fits'],
    ['a Date that is none', [{ id: 1, at: new Date(Number.NaN) }], 'fits'],
    ['a Set with -0', [{ id: 1, set: new Set([-0, Number.NaN]) }], 'fits'],
    ['a large bigint', [{ id: 1, large: -(2n ** 8191n) }], 'fits'],
    ['text of every kind', [{ id: 1, name: '\u{feff}é😀\0' }], 'fits'],
    ['properties that no type names', [{ id: 1, extra: 2 }], 'fits'],
    ['an instance of a class', [new Data()], 'does not fit'],
    ['an instance in a property', [{ id: 1, at: new (class extends Date {})() }], 'does not fit'],
    ['half a pair of surrogates', [{ id: 1, name: '\ud800' }], 'does not fit'],
    ['half a pair in a key', [{ id: 1, counts: { '\udc00': 1 } }], 'does not fit'],
    ['a symbol as a key', [{ id: 1, [Symbol('s')]: 1 }], 'does not fit'],
    ['a bigint that is too large', [{ id: 1, large: 2n ** 8191n }], 'does not fit'],
    ['a number that is a string', [{ id: '1' }], 'does not fit'],
    ['what is missing', [{ list: [] }], 'does not fit'],
    ['an element of another type', [{ id: 1, list: [null] }], 'does not fit'],
    ['an argument too many', [{ id: 1 }, 'more', 'most'], 'does not fit'],
    ['no arguments', [], 'does not fit'],
    ['a function', [{ id: 1, name: () => 1 }], 'does not fit'],
  ])('%s', async (_, args, claim) => {
    const msgpack = await outcomeOf(args, false);
    const positional = await outcomeOf(args, true);
    expect(withoutEnd(positional)).toStrictEqual(withoutEnd(msgpack));
    expect(claim).toBe(Object.hasOwn(Object(msgpack), 'got') ? 'fits' : 'does not fit');
  });
});

/** What is left out at the end is as good as `undefined` there. */
function withoutEnd(outcome: unknown): unknown {
  const { got: args } = Object(outcome) as { got?: readonly unknown[] };
  return args ? args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1) : outcome;
}

describe('the limits of arguments by position are those of MessagePack', () => {
  const taking = (schema: Schema) => ({ parameters: [{ name: 'value', schema, optional: false }] });
  const canBeValue = (args: readonly unknown[]): boolean => {
    try {
      return encodeValue(args).length > 0;
    } catch {
      return false;
    }
  };
  const times = <Value>(count: number, make: (at: number) => Value): Value[] =>
    Array.from({ length: count }, (_, at) => make(at));
  let nesting: Schema = number;
  for (let depth = 0; depth < 70; depth++)
    nesting = { kind: 'array', element: { kind: 'union', options: [number, nesting] } };
  const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
  const entries = (count: number) => times(count, (at) => [String(at), 1] as const);

  test.each<[string, Schema, number, (size: number) => unknown]>([
    ['depth', nesting, 63, nested],
    ['bytes of a bigint', { kind: 'bigint' }, 8_191, (bits) => 2n ** BigInt(bits) - 1n],
    ['bytes of one below zero', { kind: 'bigint' }, 8_191, (bits) => -(2n ** BigInt(bits))],
    ['elements', { kind: 'array', element: number }, 999_998, (count) => times(count, () => 1)],
    ['negative zeros', { kind: 'array', element: number }, 499_999, (count) => times(count, () => -0)],
    [
      'elements of a Set',
      { kind: 'set', element: number },
      999_997,
      (count) => new Set(times(count, (at) => at)),
    ],
    [
      'entries of a Map',
      { kind: 'map', key: string, value: number },
      499_998,
      (count) => new Map(entries(count)),
    ],
    ['keys', { kind: 'record', value: number }, 499_999, (count) => Object.fromEntries(entries(count))],
  ])('%s', (_, schema, most, make) => {
    for (const size of [most, most + 1]) {
      const args = [make(size)];
      const isPositional = encodePositional(taking(schema), {}, args) !== undefined;
      expect([size, isPositional, canBeValue(args)]).toEqual([size, size === most, size === most]);
    }
  });
});
