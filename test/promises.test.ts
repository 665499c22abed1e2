import { describe, expect, it } from 'vitest';
import { entriesOf, lostGuards, read, unguarded } from './support/guards.js';

const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, at) => at + 1);

/** Those of the list that are built. */
const BUILT = [...upTo(15), 17, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 36];

const entries = entriesOf(read('test/PROMISES.md'));

describe('the list of promises', () => {
  it('has every promise once, in order', () => {
    expect(entries.map(({ point }) => point)).toEqual(BUILT.map((point) => `P${point}`));
  });

  it('has lines that can be read', () => {
    expect(entries.flatMap(({ odd }) => odd)).toEqual([]);
  });

  it('names a test for every promise', () => {
    expect(unguarded(entries)).toEqual([]);
  });

  it('names nothing that is not there', () => {
    expect(lostGuards(entries)).toEqual([]);
  });
});
