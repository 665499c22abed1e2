import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { jointCommitted, jointVoteResult, majorityIndex, majorityOf, voteResult } from '../src/quorum.js';

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

describe('the index of both majorities', () => {
  test.each([
    // Incoming   Outgoing   Both
    [[], [], 0],
    [[7], [], 7],
    [[], [7], 7],
    [[7], [5], 5],
    [[5], [7], 5],
    [[7, 7, 0], [0, 0, 7], 0],
    [[9, 8, 1], [9, 4, 1], 4],
    [[9, 4, 1], [9, 8, 1], 4],
    [[3, 3, 3], [9, 9, 9, 9, 9], 3],
    [[9, 9, 0, 0], [9, 9, 9], 0],
  ])('of %j and %j is %i', (incoming, outgoing, expected) => {
    expect(jointCommitted(incoming, outgoing)).toBe(expected);
  });

  test('is the highest that both have reached', () => {
    const half = fc.array(fc.nat(12), { maxLength: 6 });
    fc.assert(
      fc.property(half, half, (incoming, outgoing) => {
        fc.pre(incoming.length + outgoing.length > 0);
        const has = (voters: readonly number[], at: number): boolean =>
          voters.length === 0 || voters.filter((one) => one >= at).length > voters.length / 2;
        let naive = 0;
        while (has(incoming, naive + 1) && has(outgoing, naive + 1)) naive++;
        expect(jointCommitted(incoming, outgoing)).toBe(naive);
      }),
    );
  });

  test('of a half twice is that of the half', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12)), (reached) => {
        expect(jointCommitted(reached, reached)).toBe(majorityIndex(reached));
      }),
    );
  });
});

describe('an election in two halves', () => {
  const [yes, no, none] = [true, false, undefined];
  test.each([
    [[], [], 'lost'],
    [[yes], [], 'won'],
    [[], [yes], 'won'],
    [[no], [], 'lost'],
    [[], [none], 'pending'],
    [[yes], [yes], 'won'],
    [[yes], [none], 'pending'],
    [[none], [yes], 'pending'],
    [[yes], [no], 'lost'],
    [[no], [yes], 'lost'],
    // One half that is lost decides, whatever is missing in the other.
    [[none, none, none], [no, no, none], 'lost'],
    [[yes, yes, none], [yes, no, none], 'pending'],
    [[yes, yes, no], [yes, yes, no], 'won'],
    [[yes, yes, yes, no, no], [yes, no, no], 'lost'],
  ])('with the votes %j and %j is %s', (incoming, outgoing, expected) => {
    expect(jointVoteResult(incoming, outgoing)).toBe(expected);
  });

  test('is decided when no missing vote can change it, and only then', () => {
    // Who votes in both halves votes once: a server has a place in the one, the other or both.
    const server = fc.record({
      vote: fc.option(fc.boolean(), { nil: undefined }),
      halves: fc.constantFrom('incoming', 'outgoing', 'both'),
    });
    fc.assert(
      fc.property(fc.array(server, { minLength: 1, maxLength: 7 }), (servers) => {
        const wins = (votes: readonly (boolean | undefined)[], half: string): boolean => {
          const voters = votes.filter((_vote, at) => servers[at]?.halves !== half);
          return voters.length === 0 || voters.filter(Boolean).length > voters.length / 2;
        };
        const missing = servers.filter(({ vote }) => vote === undefined).length;
        const outcomes = new Set<string>();
        for (let bits = 0; bits < 2 ** missing; bits++) {
          let at = 0;
          const votes = servers.map(({ vote }) => vote ?? (bits >> at++) % 2 === 1);
          outcomes.add(wins(votes, 'incoming') && wins(votes, 'outgoing') ? 'won' : 'lost');
        }
        const votesOf = (other: string): (boolean | undefined)[] =>
          servers.filter(({ halves }) => halves !== other).map(({ vote }) => vote);
        const result = jointVoteResult(votesOf('outgoing'), votesOf('incoming'));
        if (result === 'pending') expect(outcomes.size).toBe(2);
        else expect(outcomes).toEqual(new Set([result]));
      }),
    );
  });
});
