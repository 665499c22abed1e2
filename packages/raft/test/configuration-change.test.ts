import { CodedError } from '@decoraft/base';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { changeConfiguration, configurationOf, isJoint } from '../src/configuration-change.js';
import { type Configuration, type ConfigurationChange, type NodeId, nodeId } from '../src/index.js';
import { changeFrom, configurationFrom, configurationWords } from './support/configuration-words.js';

function after(from: string, ...changes: readonly string[]): string {
  let configuration = configurationFrom(from);
  for (const change of changes) configuration = changeConfiguration(configuration, changeFrom(change));
  return configurationWords(configuration);
}

describe('one voter at most changes in one step', () => {
  test.each([
    // From                          Change                                        To
    ['a', 'add-voter b', 'a b'],
    ['a b c', 'add-voter d', 'a b c d'],
    ['a b c', 'add-voter c', 'a b c'],
    ['a b c', 'remove c', 'a b'],
    ['a b c', 'remove d', 'a b c'],
    ['a b c', 'add-learner d', 'a b c learners d'],
    ['a b c learners d', 'add-learner d', 'a b c learners d'],
    ['a b c learners d', 'add-voter d', 'a b c d'],
    ['a b c learners d', 'remove d', 'a b c'],
    ['a b c', 'add-learner c', 'a b learners c'],
    ['a b c', 'add-learner d add-learner e', 'a b c learners d e'],
    ['a b c', 'add-voter d add-learner e', 'a b c d learners e'],
    ['a b c', 'remove c add-learner c', 'a b learners c'],
    ['a b c', 'add-voter d remove d', 'a b c'],
    ['a b c', 'remove a add-voter a', 'b c a'],
    ['a', 'add-voter b remove b', 'a'],
    ['', 'add-voter a', 'a'],
  ])('%s, then %s, is %s', (from, change, to) => {
    expect(after(from, change)).toBe(to);
  });
});

describe('more than one, or what is asked for, goes through a joint configuration', () => {
  test.each([
    ['a b c', 'add-voter d remove a', 'b c d & a b c auto-leave'],
    ['a b c', 'add-voter d add-voter e', 'a b c d e & a b c auto-leave'],
    ['a b c', 'remove b remove c', 'a & a b c auto-leave'],
    ['a', 'add-voter b remove a', 'b & a auto-leave'],
    ['a b c', 'joint-implicit add-voter d', 'a b c d & a b c auto-leave'],
    ['a b c', 'joint-explicit add-voter d', 'a b c d & a b c'],
    ['a b c', 'joint-explicit add-learner d', 'a b c & a b c learners d'],
    ['a b c', 'joint-explicit remove d', 'a b c & a b c'],
    ['a b c learners d', 'joint-explicit add-voter d', 'a b c d & a b c'],
    // Who still votes in the outgoing half becomes a learner only when it is left.
    ['a b c', 'joint-explicit add-learner c', 'a b & a b c next c'],
    ['a b c', 'joint-explicit remove c add-learner c', 'a b & a b c next c'],
    ['a b c', 'joint-explicit add-learner c remove c', 'a b & a b c'],
    ['a b c', 'joint-explicit add-learner c add-voter c', 'a b c & a b c'],
    ['a b c learners d', 'add-learner c add-voter d', 'a b d & a b c next c auto-leave'],
    ['a b c learners d', 'joint-explicit remove d add-learner b', 'a c & a b c next b'],
  ])('%s, then %s, is %s', (from, change, to) => {
    expect(after(from, change)).toBe(to);
  });

  test.each([
    ['b c d & a b c', 'b c d'],
    ['b c d & a b c auto-leave', 'b c d'],
    ['a b & a b c next c', 'a b learners c'],
    ['a b d & a b c learners e next c auto-leave', 'a b d learners e c'],
    ['a & a b c', 'a'],
  ])('%s is left for %s', (from, to) => {
    expect(after(from, 'leave')).toBe(to);
  });
});

describe('a change is refused', () => {
  const whyNot = (from: string, change: string): unknown => {
    try {
      return after(from, change);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      return error.message;
    }
  };

  test.each([
    ['a b & a b c', 'add-voter d', 'is joint'],
    ['a b & a b c', 'add-learner d', 'is joint'],
    ['a b & a b c', 'joint-implicit add-voter d', 'is joint'],
    ['a b & a b c auto-leave', 'joint-explicit remove a', 'is joint'],
    ['a b c', 'leave', 'is not joint'],
    ['a', 'remove a', 'removes all voters'],
    ['a', 'add-learner a', 'removes all voters'],
    ['a b', 'remove a remove b', 'removes all voters'],
    ['a b', 'joint-explicit add-learner a add-learner b', 'removes all voters'],
    ['', 'add-learner a', 'removes all voters'],
    ['', 'add-voter a add-voter b', 'without voters'],
    ['', 'joint-explicit add-voter a', 'without voters'],
    ['a b c', 'add-voter ', 'empty id'],
    ['a b c', 'add-voter d add-learner ', 'empty id'],
    ['a b c', 'remove ', 'empty id'],
  ])('of %s: %s, because it %s', (from, change, why) => {
    expect(whyNot(from, change)).toMatch(/^InvalidArgument: /);
    expect(whyNot(from, change)).toContain(why);
  });
});

const ids = ['a', 'b', 'c', 'd', 'e', 'f'].map(nodeId);
const anyChange: fc.Arbitrary<ConfigurationChange> = fc.record({
  transition: fc.constantFrom('auto' as const, 'joint-implicit' as const, 'joint-explicit' as const),
  changes: fc.array(
    fc.record({
      kind: fc.constantFrom('add-voter' as const, 'add-learner' as const, 'remove' as const),
      id: fc.constantFrom(...ids),
    }),
    { maxLength: 5 },
  ),
  context: fc.constant(new Uint8Array(0)),
});
const anyChanges = fc.array(anyChange, { maxLength: 12 });
const anyBeginning = fc
  .subarray(ids, { minLength: 1 })
  .chain((voters) => fc.record({ voters: fc.constant(voters), learners: learnersBeside(voters) }))
  .map(configurationOf);

function learnersBeside(voters: readonly NodeId[]): fc.Arbitrary<NodeId[]> {
  return fc.subarray(ids.filter((id) => !voters.includes(id)));
}

/** The change's result, or what it was where the change is refused. */
function attempt(configuration: Configuration, change: ConfigurationChange): Configuration {
  try {
    return changeConfiguration(configuration, change);
  } catch (error) {
    expect(error).toMatchObject({ code: 'InvalidArgument' });
    return configuration;
  }
}

function forAllSteps(check: (before: Configuration, next: Configuration) => void): void {
  fc.assert(
    fc.property(anyBeginning, anyChanges, (beginning, changes) => {
      let configuration = beginning;
      for (const change of changes) {
        const next = attempt(configuration, change);
        check(configuration, next);
        configuration = next;
      }
    }),
    { numRuns: 500 },
  );
}

/** Every set of servers that decides in a configuration. */
function quorumsOf({ voters, votersOutgoing }: Configuration): readonly (readonly NodeId[])[] {
  const half = (members: readonly NodeId[], chosen: readonly NodeId[]): boolean =>
    members.length === 0 || members.filter((id) => chosen.includes(id)).length > members.length / 2;
  return subsetsOf(ids).filter((chosen) => half(voters, chosen) && half(votersOutgoing, chosen));
}

function subsetsOf(members: readonly NodeId[]): readonly (readonly NodeId[])[] {
  return Array.from({ length: 2 ** members.length }, (_, bits) =>
    members.filter((_member, at) => (bits >> at) % 2 === 1),
  );
}

describe('whatever sequence of changes', () => {
  const unique = (list: readonly NodeId[]): boolean => new Set(list).size === list.length;
  const disjoint = (left: readonly NodeId[], right: readonly NodeId[]): boolean =>
    left.every((id) => !right.includes(id));

  test('every configuration keeps the invariants of its lists', () => {
    forAllSteps((_before, { autoLeave, learners, learnersNext, voters, votersOutgoing }) => {
      expect(voters.length).toBeGreaterThan(0);
      for (const list of [voters, votersOutgoing, learners, learnersNext]) expect(unique(list)).toBe(true);
      expect(disjoint(voters, learners)).toBe(true);
      expect(disjoint(votersOutgoing, learners)).toBe(true);
      expect(disjoint(voters, learnersNext)).toBe(true);
      expect(learnersNext.every((id) => votersOutgoing.includes(id))).toBe(true);
      if (votersOutgoing.length === 0) expect([learnersNext, autoLeave]).toEqual([[], false]);
    });
  });

  test('neighbouring configurations have no majorities apart from each other', () => {
    forAllSteps((before, next) => {
      if (before === next) return;
      const later = quorumsOf(next);
      const apart = quorumsOf(before).find((one) => later.some((other) => disjoint(one, other)));
      expect(apart).toBe(undefined);
    });
  });

  test('a step that is not joint changes one voter at most', () => {
    forAllSteps((before, next) => {
      if (isJoint(before) || isJoint(next)) return;
      const changed = ids.filter((id) => before.voters.includes(id) !== next.voters.includes(id));
      expect(changed.length).toBeLessThanOrEqual(1);
    });
  });

  test('a joint step keeps who decided, and leaving it keeps who decides', () => {
    forAllSteps((before, next) => {
      if (!isJoint(before) && isJoint(next)) expect(next.votersOutgoing).toEqual(before.voters);
      if (isJoint(before) && !isJoint(next)) expect(next.voters).toEqual(before.voters);
    });
  });

  test('nothing that it was given is changed', () => {
    fc.assert(
      fc.property(anyBeginning, anyChange, (beginning, change) => {
        const copy = structuredClone({ beginning, change });
        attempt(beginning, change);
        expect({ beginning, change }).toEqual(copy);
      }),
    );
  });
});

/** What each server is in the end: the last word about it counts. */
function naive(beginning: Configuration, change: ConfigurationChange): Map<NodeId, string> {
  const roles = new Map<NodeId, string>();
  for (const id of beginning.voters) roles.set(id, 'add-voter');
  for (const id of beginning.learners) roles.set(id, 'add-learner');
  for (const { id, kind } of change.changes) roles.set(id, kind);
  for (const [id, kind] of roles) if (kind === 'remove') roles.delete(id);
  return roles;
}

describe('entering and leaving a joint configuration', () => {
  test('gives what the changes say, one after the other', () => {
    fc.assert(
      fc.property(anyBeginning, anyChange, (beginning, change) => {
        const expected = naive(beginning, change);
        fc.pre(change.changes.length > 0 && [...expected.values()].includes('add-voter'));
        let result = changeConfiguration(beginning, change);
        if (isJoint(result)) result = changeConfiguration(result, changeFrom('leave'));
        const roles = new Map<NodeId, string>();
        for (const id of result.voters) roles.set(id, 'add-voter');
        for (const id of result.learners) roles.set(id, 'add-learner');
        expect(Object.fromEntries(roles)).toEqual(Object.fromEntries(expected));
      }),
      { numRuns: 1000 },
    );
  });
});
