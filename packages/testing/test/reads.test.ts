import type { Consistency } from '@decoraft/protocol';
import { describe, expect, it, vi } from 'vitest';
import {
  type Check,
  counterModel,
  linearizable,
  mustKeepSessionOrder,
  type Operation,
  simulate,
  type SimulationOptions,
  type Workload,
} from '../src/index.js';
import { Counter, CounterClient } from './support/machines.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

const SEEDS = 6;
const LEVELS: readonly Consistency[] = ['session', 'linearizable', 'lease', 'local'];

type Input =
  | { readonly kind: 'increment'; readonly by: 1 }
  | { readonly kind: 'read'; readonly level: Consistency; readonly least?: number };

/** Counts, reads at every level, and reads what another client has told of by a token. */
function readAtAllLevels(): Workload {
  let told: { readonly token: string; readonly value: number } | undefined;
  return async ({ client, random, record }) => {
    const counter = CounterClient.of(client);
    if (random() < 0.3) {
      const value = await record({ kind: 'increment', by: 1 } satisfies Input, () => counter.add(1));
      if (value !== undefined && !(told && told.value >= value)) told = { token: client.token(), value };
      return;
    }
    const level = LEVELS[Math.floor(random() * LEVELS.length)] ?? 'session';
    if (!told || level === 'local' || random() < 0.5) {
      await record({ kind: 'read', level } satisfies Input, () => counter.currentAt({ consistency: level }));
      return;
    }
    const { token, value: least } = told;
    const input: Input = { kind: 'read', level, least };
    await record(input, () => counter.currentAt({ consistency: level, token }));
  };
}

type Read = Operation<Input, number>;

const isStrong = ({ input }: Read): boolean =>
  input.kind === 'increment' || input.level === 'linearizable' || input.level === 'lease';

/** What each level promises, and tokens. Counts how many reads of each were answered. */
function readsKeepTheirWord(answered: Map<string, number>): () => Check {
  return () => ({
    ended: (history) => {
      const operations = history as readonly Read[];
      linearizable(counterModel())().ended?.(operations.filter(isStrong));
      mustKeepSessionOrder(operations, ({ input, outcome }) =>
        outcome.kind === 'returned' && !(input.kind === 'read' && input.level === 'local')
          ? { of: 'counter', version: outcome.output }
          : undefined,
      );
      for (const { input, outcome } of operations) {
        if (input.kind !== 'read' || outcome.kind !== 'returned') continue;
        answered.set(input.level, (answered.get(input.level) ?? 0) + 1);
        if (input.least === undefined) continue;
        answered.set('token', (answered.get('token') ?? 0) + 1);
        if (outcome.output < input.least) {
          throw new Error(`a token told of ${input.least}, and ${outcome.output} was read`);
        }
      }
    },
  });
}

async function run(options: Partial<SimulationOptions>): Promise<ReadonlyMap<string, number>> {
  const answered = new Map<string, number>();
  for (let seed = 1; seed <= SEEDS; seed++) {
    await simulate({
      machines: { counter: () => new Counter() },
      workload: readAtAllLevels(),
      checks: [readsKeepTheirWord(answered)],
      clients: 3,
      faultEveryMs: 400,
      durationMs: 8_000,
      seed,
      ...options,
    });
  }
  return answered;
}

describe('reads at all levels keep their word', () => {
  it('under all faults', async () => {
    const answered = await run({});
    for (const level of [...LEVELS, 'token']) expect(answered.get(level)).toBeGreaterThan(50);
  });

  it('of clients that reach one node each', async () => {
    const answered = await run({ tiedClients: 3 });
    for (const level of [...LEVELS, 'token']) expect(answered.get(level)).toBeGreaterThan(50);
  });

  it('with leases, as long as clocks run alike', async () => {
    const answered = await run({
      settings: { leaseReads: true },
      faults: {
        isolation: 10,
        'one-way': 2,
        pause: 4,
        'drop-storm': 4,
        transfer: 8,
        'clock-jump': 4,
        kill: 4,
      },
    });
    for (const level of [...LEVELS, 'token']) expect(answered.get(level)).toBeGreaterThan(50);
  });
});
