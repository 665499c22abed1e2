import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { majorityIndex, majorityOf, voteResult } from '../src/quorum.js';

describe('a majority', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [6, 4],
    [7, 4],
  ])('of %i is %i', (count, majority) => {
    expect(majorityOf(count)).toBe(majority);
  });

  test('of any number overlaps with any other of it', () => {
    for (let count = 1; count <= 100; count++) expect(2 * majorityOf(count)).toBeGreaterThan(count);
  });
});

describe('the index of a majority', () => {
  test.each([
    [[], 0],
    [[7], 7],
    [[7, 0], 0],
    [[7, 5], 5],
    [[7, 5, 0], 5],
    [[0, 0, 7], 0],
    [[10, 9, 2], 9],
    [[100, 20, 3], 20],
    [[4, 3, 2, 1], 2],
    [[5, 4, 3, 2, 1], 3],
    [[5, 5, 5, 0, 0], 5],
  ])('of %j is %i', (reached, expected) => {
    expect(majorityIndex(reached)).toBe(expected);
  });

  test('is the highest that so many have reached, in whatever order they stand', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1, maxLength: 9 }), (reached) => {
        const hasMajority = (at: number): boolean =>
          reached.filter((one) => one >= at).length > reached.length / 2;
        let naive = 0;
        while (hasMajority(naive + 1)) naive++;
        expect(majorityIndex(reached)).toBe(naive);
      }),
    );
  });

  test('leaves what it was given as it was', () => {
    const reached = [1, 3, 2];
    majorityIndex(reached);
    expect(reached).toEqual([1, 3, 2]);
  });
});

describe('an election', () => {
  const [yes, no, none] = [true, false, undefined];
  test.each([
    [[], 'lost'],
    [[yes], 'won'],
    [[no], 'lost'],
    [[none], 'pending'],
    [[yes, none], 'pending'],
    [[yes, no], 'lost'],
    [[yes, yes, none], 'won'],
    [[yes, no, none], 'pending'],
    [[no, no, none], 'lost'],
    [[yes, no, no], 'lost'],
    [[yes, yes, no, no], 'lost'],
    [[yes, yes, no, none], 'pending'],
    [[yes, yes, yes, no, no], 'won'],
  ])('with the votes %j is %s', (votes, expected) => {
    expect(voteResult(votes)).toBe(expected);
  });

  test('is decided when no missing vote can change it, and only then', () => {
    const vote = fc.option(fc.boolean(), { nil: undefined });
    fc.assert(
      fc.property(fc.array(vote, { minLength: 1, maxLength: 7 }), (votes) => {
        const granted = votes.filter((one) => one === true).length;
        const missing = votes.filter((one) => one === undefined).length;
        const outcomes = new Set<string>();
        for (let more = 0; more <= missing; more++) {
          outcomes.add(granted + more > votes.length / 2 ? 'won' : 'lost');
        }
        const [outcome] = outcomes;
        expect(voteResult(votes)).toBe(outcomes.size === 1 ? outcome : 'pending');
      }),
    );
  });
});
