import type { SessionId } from '@decoraft/protocol';
import { linearizable, sequentialModel, simulate } from 'decoraft/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CounterClient } from '../../src/client.js';
import { Counter } from '../../src/index.js';
import { MachineLog, Refused } from '../support/machine-log.js';

type Input =
  | { readonly kind: 'get' }
  | { readonly kind: 'increment' | 'decrement' | 'reset'; readonly number: number }
  | { readonly kind: 'compareAndSet'; readonly expected: number; readonly number: number };

/** What the counter should be and answer; `undefined` is a refusal. */
function countOn(count: number, input: Input): { readonly state: number; readonly output: unknown } {
  switch (input.kind) {
    case 'get':
      return { state: count, output: count };
    case 'increment':
    case 'decrement': {
      const exact = BigInt(count) + BigInt(input.number) * (input.kind === 'increment' ? 1n : -1n);
      const isLost = exact > BigInt(Number.MAX_SAFE_INTEGER) || exact < -BigInt(Number.MAX_SAFE_INTEGER);
      return isLost ? { state: count, output: undefined } : { state: Number(exact), output: Number(exact) };
    }
    case 'reset':
      return { state: input.number, output: count };
    default:
      return count === input.expected
        ? { state: input.number, output: true }
        : { state: count, output: false };
  }
}

const NUMBERS = [
  0,
  1,
  -1,
  2,
  40,
  Number.MAX_SAFE_INTEGER,
  -Number.MAX_SAFE_INTEGER,
  Number.MAX_SAFE_INTEGER - 1,
];
const anyNumber = fc.constantFrom(...NUMBERS);
const anyInput: fc.Arbitrary<Input> = fc.oneof(
  fc.record({ kind: fc.constant('get') }),
  fc.record({ kind: fc.constantFrom('increment', 'decrement', 'reset'), number: anyNumber }),
  fc.record({ kind: fc.constant('compareAndSet'), expected: anyNumber, number: anyNumber }),
);

describe('a counter', () => {
  it('counts as numbers without a limit do, refuses what would leave the safe integers, and tells of every change', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 60 }), fc.nat(60), (inputs, joinAt) => {
        const log = new MachineLog(() => new Counter());
        const session = log.open();
        const heard = log.subscribe(session, 'onChanged');
        const changes: number[] = [];
        let count = 0;
        for (const [at, input] of inputs.entries()) {
          if (at === joinAt) log.join();
          const { output, state } = countOn(count, input);
          expect(ask(log, session, input)).toEqual(output);
          if (state !== count) changes.push(state);
          count = state;
        }
        expect(log.query('get')).toBe(count);
        expect(log.heard(heard)).toEqual(changes);
        log.mustAgree();
      }),
      { numRuns: 150 },
    );
  });

  it.each<[string, readonly unknown[]]>([
    ['increment', [0.5]],
    ['increment', [Infinity]],
    ['decrement', [NaN]],
    ['reset', [2 ** 53]],
    ['compareAndSet', [0, 1.5]],
  ])('%s refuses %j', (name, args) => {
    const log = new MachineLog(() => new Counter());
    const refused = expect.objectContaining({
      data: expect.objectContaining({ code: 'InvalidArgument' }) as unknown,
    });
    expect(() => log.command(log.open(), name, ...args)).toThrow(refused);
    expect(log.query('get')).toBe(0);
  });

  it('is linearizable, whatever goes wrong', async () => {
    const model = sequentialModel<number, Input, unknown>({
      name: 'counter',
      initial: () => 0,
      apply: countOn,
      key: (count) => count,
      changesNothing: ({ kind }, output) => kind === 'get' || output === false,
    });
    let returned = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const report = await simulate({
        seed,
        machines: { visits: () => new Counter() },
        workload: async ({ client, random, record }) => {
          const visits = new CounterClient(client, 'visits').with({ consistency: 'linearizable' });
          const chance = random();
          const number = Math.floor(random() * 5);
          const expected = Math.floor(random() * 20);
          if (chance < 0.3) await record({ kind: 'get' }, () => visits.get());
          else if (chance < 0.6) await record({ kind: 'increment', number }, () => visits.increment(number));
          else if (chance < 0.8) await record({ kind: 'decrement', number }, () => visits.decrement(number));
          else if (chance < 0.85) await record({ kind: 'reset', number }, () => visits.reset(number));
          else
            await record({ kind: 'compareAndSet', expected, number }, () =>
              visits.compareAndSet(expected, number),
            );
        },
        checks: [linearizable(model)],
        durationMs: 8_000,
        faultEveryMs: 500,
        settings: { snapshotEntries: 50, snapshotTailEntries: 10 },
      });
      returned += report.operations.returned;
    }
    expect(returned).toBeGreaterThan(300);
  });
});

function ask(log: MachineLog, session: SessionId, input: Input): unknown {
  switch (input.kind) {
    case 'get':
      return log.query('get');
    case 'compareAndSet':
      return log.command(session, 'compareAndSet', input.expected, input.number);
    default:
      return unlessOverloaded(() => log.command(session, input.kind, input.number));
  }
}

function unlessOverloaded(run: () => unknown): unknown {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof Refused)) throw thrown;
    expect(thrown.data).toMatchObject({ code: 'Overloaded' });
    return undefined;
  }
}
