import { describe, expect, it } from 'vitest';
import { entriesOf, lostGuards, read, unguarded } from './support/guards.js';

/** Those of the list that are built. */
const PROMISES = 14;

const entries = entriesOf(read('test/PROMISES.md'));

describe('the list of promises', () => {
  it('has every promise once, in order', () => {
    expect(entries.map(({ point }) => point)).toEqual(
      Array.from({ length: PROMISES }, (_, at) => `P${at + 1}`),
    );
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
