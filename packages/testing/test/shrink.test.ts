import { expect, it, vi } from 'vitest';
import { type Check, shrink, simulate, SimulationFailed, type SimulationOptions } from '../src/index.js';
import { counterRun } from './support/counter-run.js';

// Many runs, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

/** Broken as soon as a node starts for the second time: one fault is enough. */
const nobodyRestarts = (): Check => ({
  stepped: ({ id, life }) => {
    if (life > 1) throw new Error(`${id} has started again`);
  },
});

async function failureOf(options: SimulationOptions): Promise<SimulationFailed> {
  const failure: unknown = await simulate(options).catch((error: unknown) => error);
  if (failure instanceof SimulationFailed) return failure;
  throw new Error('the run passed');
}

function faultsOf({ report }: SimulationFailed): number {
  return Object.values(report.faults).reduce((sum, faults) => sum + faults, 0);
}

it('a failure is brought down to the faults that it needs', async () => {
  const options = counterRun({ seed: 2, durationMs: 8_000, checks: [nobodyRestarts] });
  const failure = await failureOf(options);
  const shorter = await shrink(options, failure);
  expect(faultsOf(failure)).toBeGreaterThan(1);
  expect(faultsOf(shorter)).toBe(1);
  expect(shorter.broken).toBe(failure.broken);
  expect(shorter.command).toMatch(/seed: 2, .*withoutFaults: \[\d/);
});

it('the search ends in time', async () => {
  const options = counterRun({ seed: 2, durationMs: 8_000, checks: [nobodyRestarts] });
  const failure = await failureOf(options);
  expect(await shrink(options, failure, { maxRuns: 0 })).toBe(failure);
  expect(await shrink(options, failure, { limitMs: 0 })).toBe(failure);
});
