import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { FactBroken, FAULT_KINDS, simulate, SimulationFailed } from '../src/index.js';
import { countAndRead, counterRun } from './support/counter-run.js';
import { ClockCounter, CounterClient, ForgetfulCounter, ProcessCounter } from './support/machines.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

async function failureOf(options: Parameters<typeof simulate>[0]): Promise<SimulationFailed> {
  try {
    await simulate(options);
  } catch (error) {
    if (error instanceof SimulationFailed) return error;
    throw error;
  }
  throw new Error('the run passed');
}

describe('one seed is one run', () => {
  it('twice in one process', async () => {
    const first = await simulate(counterRun({ seed: 7, durationMs: 5_000 }));
    const second = await simulate(counterRun({ seed: 7, durationMs: 5_000 }));
    expect(second).toEqual(first);
  });

  it('in another process as well', async () => {
    const here = await simulate(counterRun({ seed: 8, durationMs: 5_000 }));
    const script = fileURLToPath(new URL('support/trace-hash-process.ts', import.meta.url));
    const there = execFileSync(process.execPath, ['--import', 'tsx', script, '8'], { encoding: 'utf8' });
    expect(JSON.parse(there)).toEqual(here);
  });

  it('and another seed another', async () => {
    const [one, other] = [await simulate(counterRun({ seed: 1 })), await simulate(counterRun({ seed: 2 }))];
    expect(one.traceHash).not.toBe(other.traceHash);
  });
});

describe('a cluster in the simulated world', () => {
  it('bears all kinds of faults over some seeds, and every kind really happens', async () => {
    const happened = new Map<string, number>();
    for (let seed = 1; seed <= 12; seed++) {
      const { faults } = await simulate(counterRun({ seed, faultEveryMs: 300 }));
      for (const [kind, count] of Object.entries(faults))
        happened.set(kind, (happened.get(kind) ?? 0) + count);
    }
    expect([...happened.keys()].toSorted()).toEqual([...FAULT_KINDS].toSorted());
  });

  it('loses nothing where nothing goes wrong', async () => {
    const report = await simulate(counterRun({ faults: 'none', durationMs: 5_000 }));
    expect(report.operations).toMatchObject({ unknown: 0, failed: 0 });
    expect(report.operations.returned).toBeGreaterThan(100);
    expect(report.lives).toBe(3);
  });

  it('has any number of nodes', async () => {
    for (const nodes of [1, 5]) {
      const report = await simulate(counterRun({ nodes, seed: 3, durationMs: 5_000 }));
      expect(report.lives).toBeGreaterThanOrEqual(nodes);
    }
  });

  it('loses, doubles and reorders messages of Raft in storms, and nothing else', async () => {
    const storms = { 'drop-storm': 1, 'duplicate-storm': 1, 'reorder-storm': 1 };
    const others = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0]));
    const report = await simulate(counterRun({ seed: 4, faults: { ...others, ...storms } }));
    expect(Math.min(...Object.values(report.messages))).toBeGreaterThan(10);
    expect(Object.keys(report.faults).toSorted()).toEqual(Object.keys(storms).toSorted());
  });
});

describe('clients', () => {
  const askedOf = async (tiedClients: number): Promise<Map<string, Set<string>>> => {
    const asked = new Map<string, Set<string>>();
    await simulate(
      counterRun({
        tiedClients,
        faults: 'none',
        durationMs: 3_000,
        workload: async (context) => {
          await countAndRead(context);
          const { node } = await context.client.info();
          asked.set(context.name, (asked.get(context.name) ?? new Set()).add(node));
        },
      }),
    );
    return asked;
  };

  it('that are tied reach one node only, each another; those that are free reach several', async () => {
    expect(await askedOf(1)).toEqual(
      new Map([
        ['client-1', new Set(['n1'])],
        ['client-2', new Set(['n1', 'n2', 'n3'])],
      ]),
    );
    expect(await askedOf(2)).toEqual(
      new Map([
        ['client-1', new Set(['n1'])],
        ['client-2', new Set(['n2'])],
      ]),
    );
  });

  it('have one last round when all is well again, and what it throws counts', async () => {
    const last: string[] = [];
    let rounds = 0;
    await simulate(
      counterRun({
        durationMs: 3_000,
        workload: async (context) => {
          expect(last).not.toContain(context.name);
          rounds += 1;
          await countAndRead(context);
        },
        lastRound: async ({ client, name }) => {
          last.push(name);
          expect(await CounterClient.of(client).current()).toBeGreaterThan(0);
        },
      }),
    );
    expect(rounds).toBeGreaterThan(10);
    expect(last.toSorted()).toEqual(['client-1', 'client-2']);
    const lastRound = async (): Promise<void> => Promise.reject(new RangeError('not what was promised'));
    const failure = await failureOf(counterRun({ durationMs: 1_000, lastRound }));
    expect(failure.message).toContain('not what was promised');
  });
});

describe('mistakes are found', () => {
  it('a machine that asks for the time in a command, in words that help', async () => {
    const failure = await failureOf({
      machines: { counter: () => new ClockCounter() },
      workload: countAndRead,
      durationMs: 3_000,
    });
    expect(failure.broken).toBe('state-hashes');
    expect(failure.message).toContain('a command is not deterministic');
    expect(failure.message).toContain('again: simulate({ ...options, seed: 1');
  });

  it('at the very entry at which replicas come to differ', async () => {
    const machines = { counter: () => new ClockCounter() };
    const failure = await failureOf({ machines, workload: countAndRead, faults: 'none' });
    const first = failure.cause instanceof FactBroken ? failure.cause.indexes : [];
    // Behind the leader's own entry, and the sessions of the clients.
    expect(first).toEqual([expect.any(Number)]);
    expect(first[0]).toBeLessThan(16);
  });

  it('a command that does something else when it runs again, with nobody there to compare with', async () => {
    const machines = { counter: () => new ProcessCounter() };
    const failure = await failureOf({ machines, workload: countAndRead, faults: 'none', nodes: 1 });
    expect(failure.broken).toBe('repeatable-commands');
    expect(failure.message).toContain('counter.add at index ');
    expect(failure.message).toContain('it gave other result: ');
  });

  it('always in the same way', async () => {
    const options = { machines: { counter: () => new ClockCounter() }, workload: countAndRead, seed: 5 };
    const [first, second] = [await failureOf(options), await failureOf(options)];
    expect(second.report).toEqual(first.report);
    expect(second.message).toBe(first.message);
  });

  it('answers that no order of the calls explains', async () => {
    const machines = { counter: () => new ForgetfulCounter() };
    const failure = await failureOf(counterRun({ machines, faults: 'none', durationMs: 3_000 }));
    expect(failure.broken).toBe('linearizability');
  });

  it('an error that the workload throws', async () => {
    const failure = await failureOf(
      counterRun({
        durationMs: 2_000,
        faults: 'none',
        workload: async ({ client, round }) => {
          const value = await CounterClient.of(client).add(1);
          if (round === 3) throw new RangeError(`${value} is more than I can bear`);
        },
      }),
    );
    expect(failure.message).toContain('more than I can bear');
  });

  it('a check of the user that does not hold', async () => {
    const failure = await failureOf(
      counterRun({
        faults: 'none',
        checks: [
          () => ({
            stepped: ({ raft }) => {
              if (raft.appliedIndex > 20) throw new Error('index 21 is too much');
            },
          }),
        ],
      }),
    );
    expect(failure.message).toContain('index 21 is too much');
    expect(failure.trace.length).toBeGreaterThan(20);
  });

  it('a cluster that makes no progress', async () => {
    const failure = await failureOf(
      counterRun({
        faults: 'none',
        durationMs: 5_000,
        healingMs: 5_000,
        workload: async ({ client, sleep }) => {
          await client.info();
          await sleep(100);
        },
      }),
    );
    expect(failure.broken).toBe('NotHealed');
    expect(failure.message).toMatch(/n1 is \w+ in term \d+/);
  });
});
