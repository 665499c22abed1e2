import { seededRandom, stableHash } from '@decoraft/base';
import { expect, it } from 'vitest';
import { restoredClusterId, restoredIndex } from '../src/index.js';

it('a restored log begins beyond all that the cluster which was backed up may reach, generation after generation', () => {
  const random = seededRandom(7);
  let index = 1;
  for (let generation = 0; generation < 50; generation++) {
    const next = restoredIndex(index, random);
    expect(next - index).toBeGreaterThanOrEqual(1e12);
    expect(Number.isSafeInteger(next)).toBe(true);
    index = next;
  }
  // Enough is left for one that writes a million entries a second for a century.
  expect(Number.MAX_SAFE_INTEGER - index).toBeGreaterThan(1e12);
});

it('two restores of one backup begin at different places, as clusters with different names', () => {
  const random = seededRandom(3);
  const indexes = Array.from({ length: 1_000 }, () => restoredIndex(500, random));
  expect(new Set(indexes).size).toBe(indexes.length);
  for (let at = 0; at < 100; at++) {
    const id = restoredClusterId('5f0c1a7e', random);
    expect(stableHash(id)).not.toBe(stableHash('5f0c1a7e'));
  }
});
