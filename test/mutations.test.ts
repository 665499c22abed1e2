import { describe, expect, test } from 'vitest';
import { hunt } from './mutations/hunt.js';
import { countOccurrences, Mutant } from './mutations/mutant.js';
import type { Mutation } from './mutations/mutation.js';
import { MUTATIONS } from './mutations/mutations.js';
import { readResults, type Result } from './mutations/results.js';

const MOST_SEEDS = 2_000;
const LEAST_POINTS = 30;
const RUN_HERE = 3;

const results = readResults();

describe('the list of mutations', () => {
  test('every mutation breaks exactly one place of the product as it is', () => {
    const outOfDate = MUTATIONS.filter((mutation) => countOccurrences(mutation) !== 1);
    expect(outOfDate.map(({ name }) => name)).toEqual([]);
  });

  test('no two mutations have the same name', () => {
    expect(new Set(MUTATIONS.map(({ name }) => name)).size).toBe(MUTATIONS.length);
  });

  test('at least thirty points of the checklist are broken', () => {
    expect(new Set(MUTATIONS.map(({ point }) => point)).size).toBeGreaterThanOrEqual(LEAST_POINTS);
  });
});

// `npm run mutations -- --only NAME` writes a row anew.
describe('RESULTS.md', () => {
  test('lists every mutation as it is, and no other', () => {
    const listed = [...results.values()].map(({ name, point, theme }) => ({ name, point, theme }));
    expect(listed).toEqual(MUTATIONS.map(({ name, point, theme }) => ({ name, point, theme })));
  });

  test('every mutation is caught within 2,000 seeds', () => {
    const survivors = [...results.values()].filter(({ seed = Infinity }) => seed > MOST_SEEDS);
    expect(survivors.map(({ name }) => name)).toEqual([]);
  });
});

describe('the quickest mutations of three themes', () => {
  test.each(quickest())('$name: caught at its seed, at which the product passes', async ({ name }) => {
    const mutation = MUTATIONS.find((other) => other.name === name);
    const { caughtBy, seed = 0 } = results.get(name) ?? {};
    expect(mutation).toBeDefined();
    const words = `to record its seed anew: npm run mutations -- --only '${name}'`;
    expect(await brokenAt(mutation, mutation, seed), words).toBe(caughtBy);
    expect(await brokenAt(undefined, mutation, seed)).toBeUndefined();
  });
});

/** Of every theme the one that takes least; of these, those that take least. */
function quickest(): readonly Result[] {
  const ofThemes = new Map<string, Result>();
  for (const result of results.values()) {
    const best = ofThemes.get(result.theme);
    if (!best || result.simulatedSeconds < best.simulatedSeconds) ofThemes.set(result.theme, result);
  }
  return [...ofThemes.values()]
    .toSorted((left, right) => left.simulatedSeconds - right.simulatedSeconds)
    .slice(0, RUN_HERE);
}

/** By what one seed of the mutation's world is seen to be broken, where `broken` is, or where nothing is. */
async function brokenAt(
  broken: Mutation | undefined,
  mutation: Mutation | undefined,
  seed: number,
): Promise<string | undefined> {
  const mutant = new Mutant(broken);
  try {
    const theme = mutation?.theme ?? 'everything';
    const [outcome] = await hunt(mutant, { theme, seeds: [seed], limitMs: 0 });
    return outcome?.broken;
  } finally {
    mutant.remove();
  }
}
