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

/** Runs all claims in two runs: those with problems, and those without. */
export function runFixtures(tsconfig: string | undefined = 'tsconfig.json', among = claims): FixtureRun {
  const all = run(among, tsconfig);
  const outcomes = new Map<string, Outcome>();
  for (const claim of among) {
    const problems = all.problems.filter(({ position }) => position?.file.startsWith(`${claim}/`));
    if (problems.length > 0) outcomes.set(claim, { 'expected.problems.txt': describe(problems, claim) });
  }
  const sound = among.filter((claim) => !outcomes.has(claim));
  const { files } = outcomes.size > 0 ? run(sound, tsconfig) : all;
  for (const claim of sound) outcomes.set(claim, outcomeOf(files, claim));
  return { outcomes, files };
}

function run(among: readonly string[], tsconfig: string | undefined): GenerateResult {
  const patterns = among.map((claim) => `${claim}/input.ts`);
  return generate({ cwd: FIXTURES, patterns, ...(tsconfig === undefined ? {} : { tsconfig }) });
}

function describe(problems: GenerateResult['problems'], claim: string): string {
  return problems
    .map(({ position, code, subject, message, remedy }) => {
      const place = `${position?.file.slice(claim.length + 1)}:${position?.line}:${position?.column}`;
      return `${place}  ${code}  ${subject}: ${message}\n    ${remedy}\n`;
    })
    .join('');
}

function outcomeOf(files: readonly GeneratedFile[], claim: string): Outcome {
  const own = files
    .filter(({ path }) => dirname(path) === join(FIXTURES, claim, 'generated'))
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
