import { generate } from '../src/index.js';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/**
 * The hostile set: `caught/` holds machines of which each does what replicas could not repeat, `fine/` machines that look
 * alike and are sound. A name is a claim. The first lines of a caught one say what is found, and where:
 * `// expect: impure-clock at line 12`, or `… at line 3 of NAME.helper.ts`.
 */
const PURITY = fileURLToPath(new URL('./purity/', import.meta.url));

const caught = claimsOf('caught');
const fine = claimsOf('fine');

/** All of them in one run, so that nothing that is remembered of one file is told of another. */
const { problems } = generate({
  cwd: PURITY,
  patterns: ['caught/*.ts', 'fine/*.ts'],
});

function claimsOf(folder: string): readonly string[] {
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

function expectedIn(claim: string): readonly string[] {
  const text = readFileSync(join(PURITY, 'caught', `${claim}.ts`), 'utf8');
  return [...text.matchAll(/^\/\/ expect: (.+)$/gm)].map(([, words = '']) => words).toSorted();
}

describe('what replicas could not repeat is caught where it stands', () => {
  test.each(caught)('%s', (claim) => {
    expect(expectedIn(claim)).not.toEqual([]);
    expect(foundIn('caught', claim)).toEqual(expectedIn(claim));
  });
});

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
  const known = new Set([
    ...caught.map((claim) => `caught/${claim}`),
    ...fine.map((claim) => `fine/${claim}`),
  ]);
  const elsewhere = problems.filter(
    ({ position }) => !known.has(position?.file.replace(/(?:\.far)?(?:\.helper)?\.ts$/, '') ?? ''),
  );
  expect(elsewhere).toEqual([]);
});
