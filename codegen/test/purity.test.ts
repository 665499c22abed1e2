import { generate } from '../src/index.js';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/**
 * The hostile set: `caught/` holds machines of which each does what replicas could not repeat, `fine/` machines that look
 * alike and are sound. A name is a claim. The first lines of a caught one say what is found, and where:
 * `// expect: impure-clock at line 12`, or `… at line 3 of NAME.helper.ts`. `missed/` holds what should be caught and is not
 * yet: one that is caught by now moves.
 */
const PURITY = fileURLToPath(new URL('./purity/', import.meta.url));

const caught = claimsOf('caught');
const fine = claimsOf('fine');
const missed = claimsOf('missed');

/** All of them in one run, so that nothing that is remembered of one file is told of another. */
const { problems } = generate({
  cwd: PURITY,
  patterns: ['caught/*.ts', 'fine/*.ts', 'missed/*.ts'],
});

function claimsOf(folder: string): readonly string[] {
  // Git keeps no folder that is empty.
  if (!existsSync(join(PURITY, folder))) return [];
  return readdirSync(join(PURITY, folder))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.helper.ts'))
    .map((name) => name.slice(0, -'.ts'.length))
    .toSorted();
}

/** What is found in the files of a claim, in the words of its first lines; each once, whoever reaches it. */
function foundIn(folder: string, claim: string): readonly string[] {
  const main = `${folder}/${claim}.ts`;
  const found = problems.flatMap(({ code, position }) => {
    if (position === undefined || !position.file.startsWith(`${folder}/${claim}.`)) return [];
    const { file, line } = position;
    return [`${code} at line ${line}${file === main ? '' : ` of ${file.slice(folder.length + 1)}`}`];
  });
  return [...new Set(found)].toSorted();
}

function expectedIn(folder: string, claim: string): readonly string[] {
  const text = readFileSync(join(PURITY, folder, `${claim}.ts`), 'utf8');
  const matches = [...text.matchAll(/^\/\/ expect: (.+)$/gm)];
  return matches.map((match): string => match[1] ?? '').toSorted();
}

describe('what replicas could not repeat is caught where it stands', () => {
  test.each(caught)('%s', (claim) => {
    expect(expectedIn('caught', claim)).not.toEqual([]);
    expect(foundIn('caught', claim)).toEqual(expectedIn('caught', claim));
  });
});

if (missed.length > 0) {
  describe('what is not caught yet is known; whoever mends it moves it to caught/', () => {
    test.each(missed)('%s', (claim) => {
      expect(foundIn('missed', claim)).not.toEqual(expectedIn('missed', claim));
    });
  });
}

describe('what looks alike and is sound is not reported', () => {
  test.each(fine)('%s', (claim) => {
    expect(foundIn('fine', claim)).toEqual([]);
  });
});

test('there are at least 60 of each', () => {
  expect(caught.length).toBeGreaterThanOrEqual(60);
  expect(fine.length).toBeGreaterThanOrEqual(60);
});

test('nothing is found in any other place', () => {
  const folders = { caught, fine, missed };
  const known = new Set(
    Object.entries(folders).flatMap(([folder, claims]) => claims.map((claim) => `${folder}/${claim}`)),
  );
  const elsewhere = problems.filter(
    ({ position }) => !known.has(position?.file.replace(/(?:\.far)?(?:\.helper)?\.ts$/, '') ?? ''),
  );
  expect(elsewhere).toEqual([]);
});
