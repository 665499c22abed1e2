import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { claims, expectedOf, FIXTURES, runFixtures } from './fixtures.js';

/** `UPDATE_FIXTURES=1 npx vitest run codegen/test/fixtures.test.ts` rewrites what is expected: read the diff. */
const isUpdating = process.env['UPDATE_FIXTURES'] === '1';

const { outcomes } = runFixtures();

describe('a decorated class becomes what stands beside it', () => {
  test.each(claims)('%s', (claim) => {
    const actual = outcomes.get(claim) ?? {};
    if (isUpdating) rewrite(claim, actual);
    expect(actual).toEqual(expectedOf(claim));
  });
});

function rewrite(claim: string, actual: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(expectedOf(claim))) rmSync(join(FIXTURES, claim, name));
  for (const [name, text] of Object.entries(actual)) writeFileSync(join(FIXTURES, claim, name), text);
}
