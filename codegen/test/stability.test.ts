import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claims, FIXTURES, runFixtures } from './fixtures.js';

const together = runFixtures();

/** Whose types are put together by the compiler, in an order of its own. */
const SENSITIVE = [
  'a_generic_base_is_closed_by_the_class',
  'computed_types_resolve',
  'discriminated_unions',
  'inferred_results_have_an_order_of_their_own',
  'intersections_of_objects_become_one',
  'mapped_types_become_objects',
  'members_of_enums_keep_their_names',
  'patterns_of_strings_are_strings',
];

describe('the same sources give the same bytes', () => {
  test('in a second run', () => {
    expect(runFixtures().files).toEqual(together.files);
  });

  test.each(SENSITIVE)('whatever else the compiler has read before: %s', (claim) => {
    expect(runFixtures([claim]).outcomes.get(claim)).toEqual(together.outcomes.get(claim));
  });

  test('when files are named in another order', () => {
    const backwards = runFixtures(claims.toReversed());
    expect(new Map(backwards.outcomes)).toEqual(new Map(together.outcomes));
  });

  test('without absolute paths', () => {
    for (const { text } of together.files) expect(text).not.toMatch(/\/(work|home|tmp|Users)\//);
  });

  test('with one kind of line end, and one line end at the end', () => {
    for (const { text } of together.files) {
      expect(text).not.toContain('\r');
      expect(text).toMatch(/[^\n]\n$/);
    }
  });
});

/**
 * Where something can only be followed through Decoraft's own types: the type arguments of a base class, the class that a
 * mixin returns, and whether a class without operations of its own is a machine. Refused, with these words among others.
 */
const NEEDS_DECORAFT: ReadonlyMap<string, string> = new Map([
  ['a_generic_base_is_closed_by_the_class', "names event of 'decoraft', which cannot be resolved"],
  ['a_generic_base_may_come_from_another_file', "names event of 'decoraft', which cannot be resolved"],
  ['mixins_take_part', 'Notes.touch: the result has a type that cannot be resolved'],
  [
    'what_cannot_be_followed_to_a_class_is_refused',
    'Foreign: extends Declared(StateMachine), which cannot be',
  ],
]);

describe('where decoraft cannot be resolved', () => {
  const among = claims.filter((claim) => !NEEDS_DECORAFT.has(claim));
  const root = mkdtempSync(join(tmpdir(), 'decoraft-fixtures-'));
  cpSync(FIXTURES, root, { recursive: true });
  rmSync(join(root, 'modules', 'decoraft.d.ts'));
  const alone = runFixtures(among, root);
  const needing = runFixtures([...NEEDS_DECORAFT.keys()], root);
  rmSync(root, { recursive: true });

  test.each(among)('the outcome is the same: %s', (claim) => {
    expect(alone.outcomes.get(claim)).toEqual(together.outcomes.get(claim));
  });

  test.each([...NEEDS_DECORAFT])('that is told where it matters: %s', (claim, words) => {
    const outcome = needing.outcomes.get(claim) ?? {};
    expect(Object.keys(outcome)).toEqual(['expected.problems.txt']);
    expect(outcome['expected.problems.txt']).toContain(words);
  });
});
