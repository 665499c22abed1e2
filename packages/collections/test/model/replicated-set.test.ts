import { canonicalKey } from 'decoraft';
import { linearizable, sequentialModel, simulate } from 'decoraft/testing';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ReplicatedSetClient } from '../../src/client.js';
import { type Data, ReplicatedSet, type ValuePage } from '../../src/index.js';
import { anyData } from '../support/any-data.js';
import { MachineLog } from '../support/machine-log.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 120_000 });

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constantFrom('add', 'delete', 'has'), value: anyData }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('clear', 'join'), value: fc.constant<Data>(null) }),
  },
);

function allOf(log: MachineLog, limit: number): readonly Data[] {
  const found: Data[] = [];
  let after: { after?: string } = {};
  for (;;) {
    const { next, values } = log.query('valuesPage', { limit, ...after }) as ValuePage;
    expect(values.length).toBeLessThanOrEqual(limit);
    found.push(...values);
    if (next === undefined) return found;
    after = { after: next };
  }
}

describe('a replicated set', () => {
  it('is what a map by canonical keys is, with events and pages', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const log = new MachineLog(() => new ReplicatedSet());
        const session = log.open();
        const [onAdded, onRemoved] = [log.subscribe(session, 'onAdded'), log.subscribe(session, 'onRemoved')];
        const [added, removed]: [Data[], Data[]] = [[], []];
        const twin = new Map<string, Data>();
        const values = (): Data[] =>
          Array.from(twin)
            .toSorted(([left], [right]) => (left < right ? -1 : 1))
            .map(([, value]) => value);
        for (const { kind, value } of steps) {
          const key = canonicalKey(value);
          const isThere = twin.has(key);
          if (kind === 'join') log.join();
          else if (kind === 'has') expect(log.query('has', value)).toBe(isThere);
          else if (kind === 'add') {
            expect(log.command(session, 'add', value)).toBe(!isThere);
            if (!isThere) added.push(value);
            if (!isThere) twin.set(key, value);
          } else if (kind === 'delete') {
            expect(log.command(session, 'delete', value)).toBe(isThere);
            const gone = twin.get(key);
            if (gone !== undefined) removed.push(gone);
            twin.delete(key);
          } else {
            expect(log.command(session, 'clear')).toBe(twin.size);
            removed.push(...values());
            twin.clear();
          }
        }
        expect(log.query('size')).toBe(twin.size);
        for (const limit of [1, 2, 1_000]) expect(allOf(log, limit)).toEqual(values());
        expect(log.heard(onAdded)).toEqual(added);
        expect(log.heard(onRemoved)).toEqual(removed);
        log.mustAgree();
      }),
      { numRuns: 150 },
    );
  });

  it('is linearizable, whatever goes wrong', async () => {
    type Input = { readonly kind: 'add' | 'delete' | 'has'; readonly value: number };
    const model = sequentialModel<boolean, Input, boolean>({
      name: 'set',
      initial: () => false,
      apply: (state, { kind }) => {
        if (kind === 'has') return { state, output: state };
        const next = kind === 'add';
        return { state: next, output: state !== next };
      },
      key: (state) => Number(state),
      changesNothing: ({ kind }, output) => kind === 'has' || !output,
      partOf: ({ value }) => String(value),
    });
    let returned = 0;
    for (let seed = 41; seed <= 43; seed++) {
      const report = await simulate({
        seed,
        machines: { tags: () => new ReplicatedSet() },
        workload: async ({ client, random, record }) => {
          const tags = new ReplicatedSetClient<number>(client, 'tags').with({ consistency: 'linearizable' });
          const value = Math.floor(random() * 3);
          const chance = random();
          if (chance < 0.4) await record({ kind: 'add', value }, () => tags.add(value));
          else if (chance < 0.7) await record({ kind: 'delete', value }, () => tags.delete(value));
          else await record({ kind: 'has', value }, () => tags.has(value));
        },
        checks: [linearizable(model)],
        durationMs: 5_000,
        faultEveryMs: 1_000,
        settings: { snapshotEntries: 50, snapshotTailEntries: 10 },
      });
      returned += report.operations.returned;
    }
    expect(returned).toBeGreaterThan(100);
  });
});
