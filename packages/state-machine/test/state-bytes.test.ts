import { CodedError, wideHash } from '@decoraft/base';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeState } from '../src/state/decoder.js';
import { encodeState, StateEncoder } from '../src/state/encoder.js';
import { joinBytes } from '../src/state/join-bytes.js';
import { graph, isSameGraph } from './graphs.js';

const encode = (state: unknown): Uint8Array => encodeState(state, 'things');
const copy = <State>(state: State): State => decodeState(encode(state)) as State;

describe('a state comes back from its bytes', () => {
  it('of every supported kind, with shared references and cycles', () => {
    fc.assert(
      fc.property(graph, (state) => {
        expect(isSameGraph(state, copy(state))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('and then gives the same bytes again', () => {
    fc.assert(
      fc.property(graph, (state) => {
        expect(encode(copy(state))).toEqual(encode(state));
      }),
      { numRuns: 500 },
    );
  });

  it('with 70,000 keys, in objects, maps and sets', () => {
    const keys = Array.from({ length: 70_000 }, (_, at) => `key ${at}`);
    const state = {
      object: Object.fromEntries(keys.map((key, at) => [key, at])),
      map: new Map(keys.map((key) => [key, { key }])),
      set: new Set(keys),
      array: keys.map((key) => ({ key })),
    };
    expect(isSameGraph(state, copy(state))).toBe(true);
  });

  it('a list of a hundred thousand links', () => {
    interface Link {
      next: Link | undefined;
    }
    let first: Link = { next: undefined };
    for (let left = 100_000; left > 0; left--) first = { next: first };
    let count = 0;
    for (let link: Link | undefined = copy(first); link; link = link.next) count++;
    expect(count).toBe(100_001);
  });

  it('texts of every length, with whatever ends them', () => {
    const ends = ['x', 'é', '€', '😀', '\ud83d', '\udc00', '\uFEFF', '\0'];
    const texts = Array.from({ length: 70 }, (_, at) => ends.map((end) => 'x'.repeat(at) + end)).flat();
    expect(copy(texts)).toEqual(texts);
  });

  it('in memory of its own', () => {
    const bytes = encode({ data: Uint8Array.of(1, 2, 3) });
    const state = decodeState(bytes) as { data: Uint8Array };
    bytes.fill(0xff);
    expect(state).toEqual({ data: Uint8Array.of(1, 2, 3) });
    expect(state.data.buffer.byteLength).toBe(3);
  });

  it('a key __proto__ is data', () => {
    const state = copy(JSON.parse('{"__proto__": {"polluted": true}}') as Record<string, unknown>);
    expect(Object.keys(state)).toEqual(['__proto__']);
    expect(state['polluted']).toBeUndefined();
  });
});

describe('equal states give equal bytes, whatever their history', () => {
  it('and equal hashes; others give others', () => {
    fc.assert(
      fc.property(graph, graph, (one, other) => {
        const hashes = [one, copy(one), other].map((state) => wideHash(encode(state)));
        expect(hashes[1]).toBe(hashes[0]);
        expect(hashes[2] === hashes[0]).toBe(isSameGraph(one, other));
      }),
      { numRuns: 1_000 },
    );
  });

  it('in however small pieces they are written', () => {
    fc.assert(
      fc.property(graph, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (state, limits) => {
        const encoder = new StateEncoder(state, 'things');
        const pieces: Uint8Array[] = [];
        for (
          let piece = encoder.next(1);
          piece;
          piece = encoder.next(limits[pieces.length % limits.length] ?? 1)
        ) {
          pieces.push(piece);
        }
        expect(joinBytes(pieces)).toEqual(encode(state));
        expect(encoder.next(1)).toBeUndefined();
      }),
      { numRuns: 500 },
    );
  });

  it('wherever in memory the bytes of an array lie', () => {
    const pool = Uint8Array.of(9, 9, 1, 2, 3, 9);
    expect(encode([pool.subarray(2, 5), pool.subarray(0, 2)])).toEqual(
      encode([Uint8Array.of(1, 2, 3), Uint8Array.of(9, 9)]),
    );
  });

  it('whatever NaN the processor made', () => {
    const strange = new Float64Array(new Uint8Array([1, 2, 3, 4, 5, 6, 0xf8, 0xff]).buffer);
    expect(encode(strange)).toEqual(encode(Float64Array.of(NaN)));
    expect(encode(strange[0])).toEqual(encode(NaN));
  });

  it.each<[string, unknown, unknown]>([
    ['the order of keys', { a: 1, b: 2 }, { b: 2, a: 1 }],
    [
      'the order of a map',
      new Map([
        [1, 1],
        [2, 2],
      ]),
      new Map([
        [2, 2],
        [1, 1],
      ]),
    ],
    ['the order of a set', new Set([1, 2]), new Set([2, 1])],
    ['zero and minus zero', 0, -0],
    ['absent and undefined', {}, { a: undefined }],
    ['a string and its number', '1', 1],
    ['one object twice and two objects', ((one) => [one, one])({}), [{}, {}]],
    ['frozen and not', {}, Object.freeze({})],
    ['bytes and signed bytes', Uint8Array.of(1), Int8Array.of(1)],
  ])('%s is part of the state', (_, left, right) => {
    expect(encode(left)).not.toEqual(encode(right));
  });
});

class Point {
  x = 1;
}

describe('what is no data is refused by its path', () => {
  const shared = new Uint8Array(8);
  const holed = [1];
  holed[2] = 3;
  const cyclic: Record<string, unknown> = {};
  cyclic['self'] = { up: cyclic, bad: () => 1 };
  it.each<[string, unknown, string]>([
    [
      'a function',
      { cache: { items: [1, 2, { run: () => 1 }] } },
      'things.cache.items[2].run holds a function',
    ],
    ['behind a cycle', cyclic, 'things.self.bad holds a function'],
    ['a symbol', { kind: Symbol('x') }, 'things.kind holds a symbol'],
    ['a symbol as a key', { inner: { [Symbol('x')]: 1 } }, 'things.inner["Symbol(x)"] is named by a symbol'],
    ['an instance of a class', new Map([['a', new Point()]]), 'things.get("a") holds an instance of Point'],
    ['an instance as a key', new Map([[new Point(), 1]]), 'things (key 0) holds an instance of Point'],
    [
      'an instance in a set',
      { all: new Set([1, new Point()]) },
      'things.all (element 1) holds an instance of Point',
    ],
    ['a weak map', { cache: new WeakMap() }, 'things.cache holds an instance of WeakMap'],
    ['a promise', { later: Promise.resolve() }, 'things.later holds an instance of Promise'],
    ['an error', { last: new Error('x') }, 'things.last holds an instance of Error'],
    ['a Buffer', { data: Buffer.from('x') }, 'things.data holds an instance of Buffer'],
    ['a subclass of Map', new (class Index extends Map {})(), 'things holds an instance of Index'],
    ['a hole', { list: holed }, 'things.list[1] is a hole'],
    [
      'a hole hidden by a property',
      { list: Object.assign(holed.slice(), { x: 1 }) },
      'things.list[1] is a hole',
    ],
    ['an array with properties', { found: /b/.exec('abc') }, 'things.found.length belongs to an array with'],
    [
      'a map with properties',
      { map: Object.assign(new Map(), { x: 1 }) },
      'belongs to a Map with a property of its own, x',
    ],
    [
      'an accessor',
      {
        get now() {
          throw new Error('called');
        },
      },
      'things.now is an accessor',
    ],
    [
      'a constant',
      Object.defineProperty({}, 'a', { value: 1, enumerable: true, configurable: true }),
      'things.a is an accessor or read-only',
    ],
    [
      'a read-only property',
      Object.defineProperty({}, 'a', { value: 1, enumerable: true }),
      'things.a is an accessor or read-only',
    ],
    [
      'the same memory twice',
      { a: shared, b: new Float64Array(shared.buffer) },
      'things.b shows memory that another',
    ],
    [
      'memory of several threads',
      { a: new Uint8Array(new SharedArrayBuffer(1)) },
      'things.a holds memory that others',
    ],
    ['a strange key', { 'a b': Symbol('x') }, 'things["a b"] holds a symbol'],
  ])('%s', (_, state, words) => {
    expect(() => encode(state)).toThrow(words);
  });
});

describe('hostile bytes are refused or harmless', () => {
  function decodeOrRefuse(bytes: Uint8Array): void {
    try {
      decodeState(bytes);
    } catch (thrown) {
      if (!(thrown instanceof CodedError)) throw thrown;
    }
  }

  it('every prefix is refused', () => {
    fc.assert(
      fc.property(graph, (state) => {
        const bytes = encode(state);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => decodeState(bytes.subarray(0, length))).toThrow(CodedError);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('flipped bits and random bytes do nothing worse', () => {
    fc.assert(
      fc.property(graph, fc.array(fc.nat(), { minLength: 1, maxLength: 4 }), (state, flips) => {
        const bytes = encode(state).slice();
        for (const flip of flips) {
          const at = (flip >> 3) % bytes.length;
          bytes[at] = (bytes[at] ?? 0) ^ (1 << (flip & 7));
        }
        decodeOrRefuse(bytes);
      }),
      { numRuns: 5_000 },
    );
    const tags = fc.array(fc.oneof(fc.nat(15), fc.nat(3), fc.nat(255)), { maxLength: 80 });
    fc.assert(
      fc.property(tags, (bytes) => decodeOrRefuse(Uint8Array.from(bytes))),
      { numRuns: 5_000 },
    );
  });

  it.each<[string, number[], string]>([
    ['a count that lies', [13, 0xff, 0xff, 0xff, 0xff], '4294967295 items are declared'],
    ['a length that lies', [6, 0xff, 0xff, 0xff, 0x7f], 'bytes declared'],
    ['an unknown tag', [99], 'tag 99'],
    ['an unknown object', [8, 5, 0, 0, 0], 'object 5 is referred to, but not there'],
    ['an unknown integrity', [12, 4, 0, 0, 0, 0], 'integrity'],
    ['memory of no class', [10, 77, 0, 0, 0, 0], 'no class of memory'],
    ['half an element', [10, 9, 1, 0, 0, 0, 7], 'no whole number'],
    ['a key twice in a map', [13, 2, 0, 0, 0, 1, 1, 1, 1], 'a key twice'],
    ['an element twice', [14, 2, 0, 0, 0, 1, 1], 'an element twice'],
    ['a key twice in an object', [11, 0, 2, 0, 0, 0, 6, 0, 0, 0, 0, 1, 15, 0, 0, 0, 0, 1], 'a key twice'],
    ['a number as a key', [11, 0, 1, 0, 0, 0, 4, 0], 'a text is expected'],
    ['a bigint that is none', [5, 1, 0, 0, 0, 0x78], 'hexadecimal'],
    ['text that is none', [6, 1, 0, 0, 0, 0xff], 'UTF-8'],
    ['more behind the end', [0, 0], '1 bytes too many'],
  ])('%s', (_, bytes, words) => {
    expect(() => decodeState(Uint8Array.from(bytes))).toThrow(words);
  });
});
