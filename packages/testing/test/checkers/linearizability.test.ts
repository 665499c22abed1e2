import { seededRandom } from '@decoraft/base';
import { describe, expect, it } from 'vitest';
import {
  checkLinearizability,
  type CounterInput,
  counterModel,
  FactBroken,
  mustBeLinearizable,
  type Operation,
  type RegisterInput,
  registerModel,
  type RegisterOutput,
} from '../../src/index.js';
import { type Drawn, drawn } from './support/drawing.js';
import { appendList, counter, keyValue, register, type Subject } from './support/machines.js';
import { isLinearizableNaively } from './support/naive-linearizability.js';

/** `r1` read 1, `w1` wrote 1, `c1>2` set 2 where 1 was, `x1>2` tried the same in vain. */
function readRegister(text: string): Drawn<RegisterInput, RegisterOutput> {
  const [first = 0, second = 0] = [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  switch (text[0]) {
    case 'r':
      return { input: { kind: 'read' }, output: first };
    case 'w':
      return { input: { kind: 'write', value: first }, output: null };
    default:
      return {
        input: { kind: 'compare-and-set', expected: first, value: second },
        output: text.startsWith('c'),
      };
  }
}

/** `+3` added one and made it 3, `r3` read 3. */
function readCounter(text: string): Drawn<CounterInput, number> {
  const input: CounterInput = text.startsWith('+') ? { kind: 'increment', by: 1 } : { kind: 'read' };
  return { input, output: Number(text.slice(1)) };
}

const verdictOf = (picture: string): string =>
  checkLinearizability(registerModel(), drawn(picture, readRegister)).kind;

describe('a register is linearizable', () => {
  const pictures: Readonly<Record<string, string>> = {
    'without any operation': '',
    'when nothing overlaps': `
      A [w1]     [r1]
      B      [w1]     [r1]`,
    'when a read sees a write that is under way': `
      A [w1          ]
      B    [r1]`,
    'when a read does not see a write that is under way': `
      A [w1          ]
      B    [r0]`,
    'when two reads see two writes in either order': `
      A [w1             ]
      B [w2             ]
      C    [r2]   [r1]`,
    'when what overlaps is ordered by what was read (Herlihy & Wing)': `
      A [w1    ]      [r2]
      B   [w2      ]
      C      [r1]`,
    'when a write of unknown outcome is seen late': `
      A [w1 ?
      B        [r0] [r0] [r1]`,
    'when a write of unknown outcome is never seen': `
      A [w1 ?
      B        [r0] [r0]`,
    'when a write that failed is not seen': `
      A [w1 !
      B        [r0]`,
    'when one of two compare-and-sets wins': `
      A [c0>1    ]
      B   [x0>2 ]
      C            [r1]`,
    'when a compare-and-set needs one of unknown outcome': `
      A [w5 ?
      B   [c0>1 ?
      C            [c1>2]  [r5]`,
    'when of equal writes of unknown outcome one is seen late': `
      A [w1 ?
      B  [w1 ?
      C       [r1] [w2] [r2] [r1] [w3] [r3]`,
  };
  it.each(Object.entries(pictures))('%s', (_claim, picture) => {
    expect(verdictOf(picture)).toBe('linearizable');
  });
});

describe('a register is not linearizable', () => {
  const pictures: Readonly<Record<string, string>> = {
    'when a read is stale': `
      A [w1] [w2]
      B            [r1]`,
    'when reads go back, although the write is under way': `
      A [w1               ]
      B    [r1]   [r0]`,
    'when two clients saw two writes in different orders': `
      A [w1            ]
      B [w2            ]
      C   [r1]       [r2]
      D   [r2]       [r1]
      E                    [r1]`,
    'when a write that failed is seen': `
      A [w1 !
      B        [r1]`,
    'when a write of unknown outcome is seen before it was invoked': `
      A         [w1 ?
      B   [r1]`,
    'when a write of unknown outcome is undone': `
      A [w1 ?
      B        [r1] [r0]`,
    'when both of two compare-and-sets win': `
      A [c0>1    ]
      B   [c0>2 ]`,
    'when a value comes from nowhere': `
      A [w1]
      B   [r7]`,
    'when two equal writes of unknown outcome are seen three times': `
      A [w1 ?
      B  [w1 ?
      C       [r1] [w2] [r1] [w3] [r1]`,
  };
  it.each(Object.entries(pictures))('%s', (_claim, picture) => {
    expect(verdictOf(picture)).toBe('not-linearizable');
  });
});

describe('what cannot be explained is named', () => {
  function unexplained<Input, Output>(
    check: () => unknown,
    operations: readonly Operation<Input, Output>[],
  ): string {
    try {
      check();
    } catch (error) {
      expect(error).toBeInstanceOf(FactBroken);
      expect(error).toMatchObject({ code: 'FactBroken', fact: 'linearizability' });
      return (error as Error).message;
    }
    throw new Error(`accepted ${operations.length} operations`);
  }

  it('a stale read, with the value that it should have seen', () => {
    const operations = drawn(
      `
      A [w1] [w2]
      B            [r2]     [r1]
      C                 [r2]      [r2]`,
      readRegister,
    );
    expect(unexplained(() => mustBeLinearizable(registerModel(), operations), operations))
      .toMatchInlineSnapshot(`
      "FactBroken: linearizability: the register is not linearizable. No order explains
        #4 B [22..25 ms] {"kind":"read"} → 1
      in any state that can be reached by then:
        2
      The longest explainable prefix, in an order that explains it:
        #0 A [2..5 ms] {"kind":"write","value":1} → null
        #1 A [7..10 ms] {"kind":"write","value":2} → null
        #2 B [13..16 ms] {"kind":"read"} → 2
        #3 C [18..21 ms] {"kind":"read"} → 2"
    `);
  });

  it('a lost update: two increments gave the same', () => {
    const operations = drawn(
      `
      A [+1  ]    [r3]
      B   [+1   ]
      C [r0]`,
      readCounter,
    );
    const verdict = checkLinearizability(counterModel(), operations);
    expect(verdict).toMatchObject({
      kind: 'not-linearizable',
      impasse: { unexplained: { process: 'B', input: { kind: 'increment' } }, states: [1] },
    });
  });

  it('a double apply: a retry was executed twice', () => {
    const operations = drawn(
      `
      A [+1]      [+4]
      B      [+3]`,
      readCounter,
    );
    const verdict = checkLinearizability(counterModel(), operations);
    expect(verdict).toMatchObject({
      kind: 'not-linearizable',
      impasse: { unexplained: { process: 'B', outcome: { output: 3 } }, order: [{ process: 'A' }] },
    });
  });

  it('the part, and who else was under way', () => {
    const operations = keyValue.history({ random: seededRandom(1), clients: 4, operations: 40, unknown: 0 });
    const last = operations.findLast(({ input }) => input.kind === 'get') as (typeof operations)[number];
    const end = last.outcome.at as { atMs: number; sequence: number };
    const corrupted = operations.map((operation) =>
      operation === last
        ? { ...last, outcome: { kind: 'returned' as const, output: 'nobody wrote this', at: end } }
        : operation,
    );
    const verdict = checkLinearizability(keyValue.model, corrupted);
    expect(verdict).toMatchObject({
      kind: 'not-linearizable',
      part: last.input.key,
      impasse: { unexplained: { id: last.id } },
      explanation: expect.stringContaining(`at "${last.input.key}" is not linearizable`) as string,
    });
  });
});

function corruptOne<State, Input, Output>(
  subject: Subject<State, Input, Output>,
  operations: readonly Operation<Input, Output>[],
  seed: number,
): readonly Operation<Input, Output>[] {
  const random = seededRandom(seed);
  const victim = Math.floor(random() * operations.length);
  return operations.map((operation, at) =>
    at === victim && operation.outcome.kind === 'returned'
      ? {
          ...operation,
          outcome: { ...operation.outcome, output: subject.corrupt(random, operation.outcome.output) },
        }
      : operation,
  );
}

function describeSubject<State, Input, Output>(name: string, subject: Subject<State, Input, Output>): void {
  describe(`random histories of a ${name}`, () => {
    it('are accepted when they come from a serial execution', () => {
      for (let seed = 0; seed < 300; seed++) {
        const random = seededRandom(seed);
        const operations = subject.history({
          random,
          clients: 5,
          operations: 60,
          unknown: seed % 2 ? 0.1 : 0,
        });
        expect([seed, checkLinearizability(subject.model, operations).kind]).toEqual([seed, 'linearizable']);
      }
    });

    it('are judged as trying all orders judges them', () => {
      const verdicts = { true: 0, false: 0 };
      for (let seed = 0; seed < 1500; seed++) {
        const random = seededRandom(seed);
        const whole = subject.history({ random, clients: 3, operations: 6, unknown: seed % 3 ? 0.3 : 0 });
        const operations = corruptOne(subject, whole, seed);
        const expected = isLinearizableNaively(subject.model, operations);
        const { kind } = checkLinearizability(subject.model, operations);
        expect([seed, kind]).toEqual([seed, expected ? 'linearizable' : 'not-linearizable']);
        verdicts[`${expected}`]++;
      }
      // Both verdicts are common, or the twins agree about nothing.
      expect(Math.min(verdicts.true, verdicts.false)).toBeGreaterThan(100);
    });
  });
}

describeSubject('register', register);
describeSubject('counter', counter);
describeSubject('key-value map', keyValue);
describeSubject('append-only list', appendList);

describe('the order that is given', () => {
  it('explains everything and respects real time', () => {
    for (let seed = 0; seed < 50; seed++) {
      const operations = register.history({
        random: seededRandom(seed),
        clients: 5,
        operations: 50,
        unknown: 0.1,
      });
      const verdict = checkLinearizability(register.model, operations);
      const order = verdict.kind === 'linearizable' ? (verdict.orders.get('') ?? []) : [];
      let state = 0;
      let latest = -1;
      for (const { invoked, input, outcome } of order) {
        const end = outcome.kind === 'returned' ? outcome.at.sequence : Infinity;
        latest = Math.max(latest, invoked.sequence);
        expect(end).toBeGreaterThan(latest);
        const observed =
          outcome.kind === 'returned'
            ? { kind: 'known' as const, output: outcome.output }
            : { kind: 'unknown' as const };
        const step = register.model.step(state, input, observed);
        expect(step.ok).toBe(true);
        if (step.ok) state = step.state;
      }
      const known = operations.filter(({ outcome }) => outcome.kind === 'returned');
      expect(known.every((operation) => order.includes(operation))).toBe(true);
    }
  });
});

describe('work', () => {
  const large = { clients: 16, operations: 5000, unknown: 0.01 };

  it.each([
    ['counter', counter],
    ['key-value map', keyValue],
    ['append-only list', appendList],
  ] as const)('on 5,000 operations of 16 clients of a %s is small', (_name, subject) => {
    const operations = subject.history({ ...large, random: seededRandom(7) });
    const verdict = checkLinearizability(
      subject.model as Subject<unknown, unknown, unknown>['model'],
      operations as readonly Operation[],
    );
    expect(verdict.kind).toBe('linearizable');
    expect(verdict.steps).toBeLessThan(500_000);
  });

  it('is bounded over all parts together', () => {
    const operations = keyValue.history({ ...large, random: seededRandom(7) });
    const { steps } = checkLinearizability(keyValue.model, operations);
    const verdict = checkLinearizability(keyValue.model, operations, { maxSteps: steps - 1 });
    expect(verdict).toMatchObject({ kind: 'undecided', steps: steps - 1 });
  });

  it('is bounded: a limit leaves it undecided', () => {
    const operations = register.history({ ...large, random: seededRandom(7) });
    const verdict = checkLinearizability(register.model, operations, { maxSteps: 100 });
    expect(verdict).toMatchObject({ kind: 'undecided', steps: 100 });
  });
});
