import { canonicalKey } from 'decoraft';
import { linearizable, sequentialModel, simulate } from 'decoraft/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValueClient } from '../../src/client.js';
import { type Data, Value } from '../../src/index.js';
import { anyData } from '../support/any-data.js';
import { MachineLog } from '../support/machine-log.js';

type Input =
  | { readonly kind: 'get' | 'clear' }
  | { readonly kind: 'set'; readonly value: Data }
  | { readonly kind: 'compareAndSet'; readonly expected: Data | undefined; readonly value: Data }
  | { readonly kind: 'setIfVersion'; readonly version: number; readonly value: Data };

interface State {
  readonly value: Data | undefined;
  readonly version: number;
}

function next(state: State, input: Input): { readonly state: State; readonly output: unknown } {
  const { value, version } = state;
  const changed = (to: Data | undefined): State => ({ value: to, version: version + 1 });
  switch (input.kind) {
    case 'get':
      return { state, output: state };
    case 'clear':
      return { state: value === undefined ? state : changed(undefined), output: value };
    case 'set':
      return { state: changed(input.value), output: value };
    case 'compareAndSet': {
      const isEqual = canonicalKey(value) === canonicalKey(input.expected);
      return { state: isEqual ? changed(input.value) : state, output: isEqual };
    }
    default: {
      const isEqual = version === input.version;
      return { state: isEqual ? changed(input.value) : state, output: isEqual ? version + 1 : undefined };
    }
  }
}

const anyInput: fc.Arbitrary<Input> = fc.oneof(
  fc.record({ kind: fc.constantFrom('get', 'clear') }),
  fc.record({ kind: fc.constant('set'), value: anyData }),
  fc.record({
    kind: fc.constant('compareAndSet'),
    expected: fc.option(anyData, { nil: undefined }),
    value: anyData,
  }),
  fc.record({ kind: fc.constant('setIfVersion'), version: fc.nat(10), value: anyData }),
);

describe('a value', () => {
  it('is what was set last, of any data, compared as data and by its version', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), fc.nat(40), (inputs, joinAt) => {
        const log = new MachineLog(() => new Value());
        const session = log.open();
        const subscription = log.subscribe(session, 'onChanged');
        const changes: State[] = [];
        let state: State = { value: undefined, version: 0 };
        for (const [at, input] of inputs.entries()) {
          if (at === joinAt) log.join();
          const expected = next(state, input);
          expect(ask(log, session, input)).toEqual(expected.output);
          if (expected.state !== state) changes.push(expected.state);
          state = expected.state;
          expect(log.query('get')).toEqual(state.value);
        }
        expect(log.heard(subscription)).toEqual(changes);
        log.mustAgree();
      }),
      { numRuns: 150 },
    );
  });

  it('refuses what is no data before it is logged', () => {
    const log = new MachineLog(() => new Value());
    const session = log.open();
    for (const wrong of [() => 1, Symbol('x'), undefined, { a: [undefined] }]) {
      expect(() => log.command(session, 'set', wrong)).toThrow(/no data|must be null or|cannot/);
    }
    expect(log.query('get')).toBeUndefined();
  });

  it('is linearizable, whatever goes wrong', async () => {
    const model = sequentialModel<State, Input, unknown>({
      name: 'value',
      initial: () => ({ value: undefined, version: 0 }),
      apply: next,
      key: ({ value, version }) => `${version}/${canonicalKey(value)}`,
      changesNothing: ({ kind }, output) =>
        kind === 'get' || output === false || (kind === 'setIfVersion' && output === undefined),
      isPast: (state, { kind }, output) => kind === 'get' && state.version > (output as State).version,
    });
    let returned = 0;
    for (let seed = 11; seed <= 14; seed++) {
      const report = await simulate({
        seed,
        machines: { leader: () => new Value() },
        workload: async ({ client, name, random, record, round }) => {
          const leader = new ValueClient<string>(client, 'leader').with({ consistency: 'linearizable' });
          const chance = random();
          const value = `${name}/${round}`;
          const seen = await record({ kind: 'get' }, () => leader.getVersioned());
          if (!seen) return;
          if (chance < 0.2) await record({ kind: 'set', value }, () => leader.set(value));
          else if (chance < 0.3) await record({ kind: 'clear' }, () => leader.clear());
          else if (chance < 0.6) {
            const { version } = seen;
            await record({ kind: 'setIfVersion', version, value }, () => leader.setIfVersion(version, value));
          } else {
            const { value: expected } = seen;
            await record({ kind: 'compareAndSet', expected, value }, () =>
              leader.compareAndSet(expected, value),
            );
          }
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

function ask(log: MachineLog, session: ReturnType<MachineLog['open']>, input: Input): unknown {
  switch (input.kind) {
    case 'get':
      return log.query('getVersioned');
    case 'clear':
      return log.command(session, 'clear');
    case 'set':
      return log.command(session, 'set', input.value);
    case 'compareAndSet':
      return log.command(session, 'compareAndSet', input.expected, input.value);
    default:
      return log.command(session, 'setIfVersion', input.version, input.value);
  }
}
