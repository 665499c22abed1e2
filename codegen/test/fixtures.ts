import { generate, type GeneratedFile, type GenerateResult } from '../src/index.js';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const FIXTURES = fileURLToPath(new URL('./fixtures/', import.meta.url)).replace(/\/$/, '');

/** Every directory with an `input.ts` is a claim. */
export const claims: readonly string[] = readdirSync(FIXTURES)
  .filter((name) => existsSync(join(FIXTURES, name, 'input.ts')))
  .toSorted();

export interface FixtureRun {
  /** By claim: the generated files, or the problems. */
  readonly outcomes: ReadonlyMap<string, Outcome>;
  readonly files: readonly GeneratedFile[];
}

/** The texts of a claim by the names under which they are expected. */
export type Outcome = Readonly<Record<string, string>>;

/**
 * Runs claims in two runs: those with problems, and those without.
 *
 * @param root Where the fixtures, or a copy of them, are.
 */
export function runFixtures(among = claims, root = FIXTURES): FixtureRun {
  const all = run(among, root);
  const outcomes = new Map<string, Outcome>();
  for (const claim of among) {
    const problems = all.problems.filter(({ position }) => position?.file.startsWith(`${claim}/`));
    if (problems.length > 0) outcomes.set(claim, { 'expected.problems.txt': describe(problems, claim) });
  }
  const sound = among.filter((claim) => !outcomes.has(claim));
  const { files } = outcomes.size > 0 ? run(sound, root) : all;
  const { warnings } = all;
  for (const claim of sound) {
    const told = warnings.filter(({ position }) => position?.file.startsWith(`${claim}/`));
    const texts = told.length > 0 ? { 'expected.warnings.txt': describe(told, claim) } : {};
    outcomes.set(claim, { ...outcomeOf(files, join(root, claim)), ...texts });
  }
  return { outcomes, files };
}

function run(among: readonly string[], root: string): GenerateResult {
  return generate({ cwd: root, patterns: among.map((claim) => `${claim}/input.ts`) });
}

function describe(problems: GenerateResult['problems'], claim: string): string {
  return problems
    .map(({ position, code, subject, message, remedy }) => {
      const place = `${position?.file.slice(claim.length + 1)}:${position?.line}:${position?.column}`;
      return `${place}  ${code}  ${subject}: ${message}\n    ${remedy}\n`;
    })
    .join('');
}

function outcomeOf(files: readonly GeneratedFile[], directory: string): Outcome {
  const own = files
    .filter(({ path }) => dirname(path) === join(directory, 'generated'))
    .filter(({ path }) => basename(path) !== 'operations.ts');
  const isOnly = own.length === 2;
  return Object.fromEntries(
    own.map(({ path, text }) => {
      const name = basename(path);
      return [isOnly ? name.replace(/^[^.]+/, 'expected') : `expected.${name}`, text];
    }),
  );
}

/** The texts that a claim expects, by name. */
export function expectedOf(claim: string): Outcome {
  const directory = join(FIXTURES, claim);
  const names = readdirSync(directory).filter((name) => name.startsWith('expected.'));
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
}

export const shortPath = (path: string): string => relative(FIXTURES, path);
