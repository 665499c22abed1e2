/**
 * `npm run mutations`: does the simulator find what is broken on purpose? For each mutation, a copy of the built
 * packages with that one line broken runs seed after seed until a check fails; then the unbroken product runs the same
 * seeds, and must pass. Exit code 1 when a mutation survives, or when the product does not pass.
 *
 * --list         shows the mutations
 * --only NAME    those whose point or theme is this, or whose name contains it
 * --open         those that the table does not have as caught
 * --seeds N      at most so many seeds each; 2000 by default
 * --limit-s N    at most so many real seconds each; 120 by default
 */
import { parseArgs } from 'node:util';
import { Control } from './control.js';
import { hunt, type SeedOutcome, seedsBetween } from './hunt.js';
import { Mutant } from './mutant.js';
import type { Mutation } from './mutation.js';
import { MUTATIONS } from './mutations.js';
import { readResults, type Result, writeResults } from './results.js';

const { values } = parseArgs({
  options: {
    list: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    open: { type: 'boolean', default: false },
    seeds: { type: 'string', default: '2000' },
    'limit-s': { type: 'string', default: '120' },
  },
});

const known = readResults();
const chosen = MUTATIONS.filter(
  ({ name, point, theme }) =>
    (point === values.only || theme === values.only || name.includes(values.only)) &&
    !(values.open && known.get(name)?.seed !== undefined),
);
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
  const result = resultOf(mutation, await hunted(mutation));
  const { caughtBy, name, point, seed, simulatedSeconds } = result;
  const found = seed === undefined ? `SURVIVES, ${caughtBy}` : `seed ${seed}, ${caughtBy}`;
  print(`${point.padEnd(4)} ${name}: ${found}, ${simulatedSeconds} s`);
  if (seed === undefined) {
    await writeResults([result]);
    return false;
  }
  const failure = await control.failureUpTo(mutation.theme, seed);
  if (!failure) {
    await writeResults([result]);
    return true;
  }
  print(`     but so does the product: seed ${failure.seed}, ${failure.message ?? failure.broken}`);
  await writeResults([
    { ...result, seed: undefined, caughtBy: `nothing: the product fails at seed ${failure.seed}` },
  ]);
  return false;
}

async function hunted(mutation: Mutation): Promise<readonly SeedOutcome[]> {
  const mutant = new Mutant(mutation);
  try {
    const seeds = seedsBetween(1, Number(values.seeds));
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

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
