/**
 * `npm run mutations`: does the simulator find what is broken on purpose? For each mutation, a copy of the built
 * packages with that one line broken runs seed after seed until a check fails; then the unbroken product runs the same
 * seeds, and must pass. Exit code 1 when a mutation survives, or when the product does not pass.
 *
 * --list         shows the mutations
 * --only NAME    those whose name or point is, or contains, this
 * --seeds N      at most so many seeds each; 2000 by default
 * --limit-s N    at most so many real seconds each; 120 by default
 */
import { parseArgs } from 'node:util';
import { hunt, type SeedOutcome } from './hunt.js';
import { Mutant } from './mutant.js';
import type { Mutation } from './mutation.js';
import { MUTATIONS } from './mutations.js';
import { type Result, writeResults } from './results.js';
import type { Theme } from './world/themes.js';

const NO_LIMIT_MS = 3_600_000;

const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    seeds: { type: 'string', default: '2000' },
    'limit-s': { type: 'string', default: '120' },
  },
});

const chosen = MUTATIONS.filter(({ name, point }) => point === values.only || name.includes(values.only));
if (values.list) {
  for (const { file, name, point } of chosen) print(`${point.padEnd(4)} ${name} (${file})`);
} else {
  process.exitCode = (await runAll()) ? 0 : 1;
}

async function runAll(): Promise<boolean> {
  const control = new Control();
  let isGood = true;
  try {
    for (const mutation of chosen) isGood = (await runOne(mutation, control)) && isGood;
  } finally {
    control.remove();
  }
  return isGood;
}

async function runOne(mutation: Mutation, control: Control): Promise<boolean> {
  const outcomes = await hunted(mutation);
  const result = resultOf(mutation, outcomes);
  writeResults([result]);
  const { caughtBy, name, point, seed, simulatedSeconds } = result;
  print(
    `${point.padEnd(4)} ${name}: ${seed === undefined ? 'SURVIVES' : `seed ${seed}, ${caughtBy}`}, ${simulatedSeconds} s`,
  );
  if (seed === undefined) return false;
  const failure = await control.failureUpTo(mutation.theme, seed);
  if (failure)
    print(`     but so does the product: seed ${failure.seed}, ${failure.message ?? failure.broken}`);
  return failure === undefined;
}

async function hunted(mutation: Mutation): Promise<readonly SeedOutcome[]> {
  const mutant = new Mutant(mutation);
  try {
    const seeds = seedsUpTo(Number(values.seeds));
    return await hunt(mutant, { theme: mutation.theme, seeds, limitMs: Number(values['limit-s']) * 1_000 });
  } finally {
    mutant.remove();
  }
}

function resultOf({ name, point, theme }: Mutation, outcomes: readonly SeedOutcome[]): Result {
  const last = outcomes.at(-1);
  const simulatedMs = outcomes.reduce((sum, outcome) => sum + outcome.simulatedMs, 0);
  return {
    name,
    point,
    theme,
    seed: last?.broken === undefined ? undefined : last.seed,
    caughtBy: last?.broken ?? `nothing in ${outcomes.length} seeds`,
    simulatedSeconds: Math.round(simulatedMs / 1_000),
  };
}

function seedsUpTo(last: number, first = 1): readonly number[] {
  return Array.from({ length: last - first + 1 }, (_, at) => first + at);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** The product as it is: without it, a mutation that is caught would say nothing. */
class Control {
  readonly #mutant = new Mutant(undefined);
  /** By theme: how many seeds have passed. */
  readonly #passed = new Map<Theme, number>();

  /** How it fails in one of the seeds up to `last`; `undefined` when it passes all of them. Runs each seed once. */
  async failureUpTo(theme: Theme, last: number): Promise<SeedOutcome | undefined> {
    const passed = this.#passed.get(theme) ?? 0;
    if (last <= passed) return undefined;
    const seeds = seedsUpTo(last, passed + 1);
    const outcomes = await hunt(this.#mutant, { theme, seeds, limitMs: NO_LIMIT_MS });
    const failure = outcomes.find(({ broken }) => broken !== undefined);
    if (!failure) this.#passed.set(theme, last);
    return failure;
  }

  remove(): void {
    this.#mutant.remove();
  }
}
