import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Mutant } from './mutant.js';
import type { Theme } from './world/themes.js';

/** What became of one seed. */
export interface SeedOutcome {
  readonly seed: number;
  readonly simulatedMs: number;
  /** Which fact, or which kind of error; `undefined` when the run passed. */
  readonly broken?: string;
  readonly message?: string;
}

/** A seed that takes so long makes no progress, and fails as well. */
const HANG_MS = 40_000;

/** Runs seeds in a mutant, in a process of its own, until one fails or time is up. Gives what became of each. */
export async function hunt(
  mutant: Mutant,
  {
    limitMs,
    seeds,
    theme,
  }: { readonly theme: Theme; readonly seeds: readonly number[]; readonly limitMs: number },
): Promise<readonly SeedOutcome[]> {
  const outcomes: SeedOutcome[] = [];
  const child = spawn(process.execPath, [mutant.hunter, theme, seeds.join(','), String(limitMs)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): boolean => child.kill('SIGKILL');
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
  let hung = setTimeout(kill, HANG_MS);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(hung);
    hung = setTimeout(kill, HANG_MS);
    outcomes.push(JSON.parse(line) as SeedOutcome);
  }
  const code = await ended;
  clearTimeout(hung);
  if (code === 0) return outcomes;
  // It fell over, or hung: that is noticed, too, by whoever runs it.
  const seed = seeds[outcomes.length] ?? 0;
  const message = code === null ? 'the run made no progress' : lastLine(complaints);
  return [...outcomes, { seed, simulatedMs: 0, broken: code === null ? 'hang' : 'crash', message }];
}

export function seedsBetween(first: number, last: number): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => /\w/.test(line));
  return lines.find((line) => /Error/.test(line)) ?? lines.at(-1) ?? 'no words';
}
