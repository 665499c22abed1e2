import { type AgreedMachine, machineId, type Proposal, type Schema, tableText } from '@decoraft/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  defineOperations,
  operationsOf,
  Replica,
  type StateMachine,
  withoutClients,
} from '../../src/index.js';
import { inFormat } from '../older-images.js';
import { call, jsonCodec } from '../fixtures.js';
import {
  add,
  agree,
  agreed,
  apply,
  applyAll,
  command,
  OLD,
  OPEN,
  replicaOf,
  said,
  session,
  sumOf,
} from './agreeing.js';
import {
  BothLedgers,
  FirstLedger,
  LonelyLedger,
  SecondLedger,
  StrictLedger,
  ThirdLedger,
  WiderLedger,
} from './ledgers.js';

const mismatch = (words: string) =>
  expect.objectContaining({ code: 'SchemaMismatch', message: expect.stringContaining(words) as string });

describe('a group goes over to another version at one entry', () => {
  it('of which the state is handed over, on replicas with the new code and with that of all versions', () => {
    const log = [agree(new FirstLedger(), true), OPEN, add(3), add(4)];
    const [second, third] = [replicaOf(new SecondLedger()), replicaOf(new ThirdLedger())];
    for (const replica of [second, third])
      expect(applyAll(replica, log).map(said)).toEqual([undefined, undefined, 3, 7]);
    expect(second.stateHash()).toBe(third.stateHash());
    const named = add(5, 'ann');
    expect(said(apply(second, named))).toBe('InvalidArgument: ledger.add takes 1 argument(s), got 2');
    apply(third, named);
    const [one, other] = [apply(second, agree(new SecondLedger())), apply(third, agree(new SecondLedger()))];
    expect(one).toEqual(other);
    expect(one.effects).toEqual([{ kind: 'machine-agreed', index: 6, machine: 'ledger', from: 1, to: 2 }]);
    const again = add(5, 'ann');
    expect([apply(second, again), apply(third, again)].map(said)).toEqual([5, 5]);
    expect([sumOf(second), sumOf(third)]).toEqual([7, 7]);
    expect(second.stateHash()).toBe(third.stateHash());
  });

  it('over two versions at once, and over one after the other', () => {
    const log = [agree(new FirstLedger(), true), OPEN, add(3), add(4)];
    const [fast, slow] = [replicaOf(new ThirdLedger()), replicaOf(new ThirdLedger())];
    applyAll(fast, [...log, agree(new ThirdLedger())]);
    applyAll(slow, [...log, agree(new SecondLedger()), agree(new ThirdLedger())]);
    expect([sumOf(fast), sumOf(slow)]).toEqual([7, 7]);
    expect(fast.machines.agreement.all).toEqual(slow.machines.agreement.all);
    applyAll(fast, [{ kind: 'advance-time' }]);
    expect(fast.stateHash()).not.toBe(replicaOf(new ThirdLedger()).stateHash());
  });

  it('with its machine told that it was restored, and with the fields that the new one begins with', () => {
    const machine = new SecondLedger();
    const replica = replicaOf(machine);
    applyAll(replica, [agree(new FirstLedger(), true), OPEN, add(3)]);
    expect(machine.totals.size).toBe(0);
    apply(replica, agree(machine));
    expect(machine).toMatchObject({ isRestored: true, totals: new Map([['all', 3]]) });
    const third = new ThirdLedger();
    applyAll(replicaOf(third), [agree(new FirstLedger(), true), agree(third)]);
    expect(third.fresh).toBe('new');
  });

  it('with its timers, its sessions and its subscriptions', () => {
    const replica = replicaOf(new SecondLedger());
    const subscribe: Proposal = {
      kind: 'subscribe',
      origin: { session: 2 as typeof session, sequence: 1, acknowledged: 0 },
      ...call('ledger', 'onAdded'),
    };
    applyAll(replica, [agree(new FirstLedger(), true), OPEN, subscribe]);
    const origin = { session: 2 as typeof session, sequence: 2, acknowledged: 0 };
    apply(replica, { kind: 'command', origin, ...call('ledger', 'later', 1_000) });
    apply(replica, agree(new SecondLedger()));
    apply(replica, { kind: 'advance-time' }, 5_000);
    apply(
      replica,
      { kind: 'command', origin: { ...origin, sequence: 3 }, ...call('ledger', 'add', 1) },
      5_001,
    );
    expect(
      [...replica.subscriptions.ofSession(2 as typeof session)].flatMap(({ pending }) => [...pending]),
    ).toHaveLength(1);
    apply(replica, { kind: 'close-session', session: 2 as typeof session }, 5_002);
    const [registered] = [...replica.machines.registered()];
    expect(registered?.instance).toMatchObject({ ticks: 10, over: 10 });
  });

  it('or one class serves both, and asks which it is', () => {
    const [both, first] = [replicaOf(new BothLedgers()), replicaOf(new FirstLedger())];
    const log = [agree(new FirstLedger(), true), OPEN, add(3)];
    applyAll(both, log);
    applyAll(first, log);
    expect(both.stateHash()).toBe(first.stateHash());
    applyAll(both, [agree(new BothLedgers()), add(3)]);
    expect(sumOf(both)).toBe(9);
  });

  it('a fresh group begins with the version that its first leader has', () => {
    const replica = replicaOf(new ThirdLedger());
    applyAll(replica, [agree(new ThirdLedger(), true), OPEN, add(3)]);
    expect(sumOf(replica)).toBe(3);
    const second = replicaOf(new ThirdLedger());
    const [applied] = applyAll(second, [agree(new SecondLedger(), true), agree(new ThirdLedger(), true)]);
    expect(applied?.effects).toEqual([
      { kind: 'machine-agreed', index: 1, machine: 'ledger', from: undefined, to: 2 },
    ]);
    // The second one came too late to be the first.
    expect(second.machines.agreement.all).toEqual([agreed(new SecondLedger())]);
  });

  it('a group that has agreed on nothing is at version 1, as are its images of every format', () => {
    const old = replicaOf(new FirstLedger());
    applyAll(old, [OLD, OPEN, add(3)]);
    for (const image of [old.snapshot(), inFormat(1, old.snapshot()), inFormat(2, old.snapshot())]) {
      const replica = replicaOf(new ThirdLedger());
      replica.restore(image);
      expect(replica.stateHash()).toBe(old.stateHash());
      expect(sumOf(replica)).toBe(3);
      apply(replica, agree(new ThirdLedger()));
      expect(replica.machines.agreement.of(machineId('ledger'))?.agreed.version).toBe(3);
      expect(sumOf(replica)).toBe(3);
    }
    const replayed = replicaOf(new ThirdLedger());
    applyAll(replayed, [OLD, OPEN, add(3)]);
    expect(sumOf(replayed)).toBe(3);
    // It is not the first thing that the group hears of.
    apply(replayed, agree(new ThirdLedger(), true));
    expect(replayed.machines.agreement.isEmpty).toBe(true);
  });

  it('never goes back to an earlier one', () => {
    const replica = replicaOf(new ThirdLedger());
    applyAll(replica, [agree(new SecondLedger(), true), agree(new FirstLedger())]);
    expect(replica.machines.agreement.all).toEqual([agreed(new SecondLedger())]);
  });
});

describe('what is agreed on is in the image', () => {
  it('and comes back, in whatever class the restored replica has', () => {
    const before = replicaOf(new SecondLedger());
    applyAll(before, [agree(new FirstLedger(), true), OPEN, add(3)]);
    const after = replicaOf(new SecondLedger());
    applyAll(after, [agree(new FirstLedger(), true), OPEN, add(3), agree(new SecondLedger()), add(4, 'ann')]);
    for (const replica of [before, after]) {
      const third = replicaOf(new ThirdLedger());
      third.restore(replica.snapshot());
      expect(third.stateHash()).toBe(replica.stateHash());
      expect(sumOf(third)).toBe(3);
      const log = [agree(new SecondLedger()), add(1, 'ann')];
      applyAll(replica, log);
      applyAll(third, log);
      expect(third.stateHash()).toBe(replica.stateHash());
    }
  });

  it('and in a backup that goes on elsewhere', async () => {
    const replica = replicaOf(new SecondLedger());
    applyAll(replica, [agree(new FirstLedger(), true), OPEN, add(3)]);
    async function* chunks() {
      yield replica.snapshot();
    }
    const restored = replicaOf(new SecondLedger());
    await restored.restoreFrom(withoutClients(chunks(), 50));
    expect(restored.machines.agreement.all).toEqual([agreed(new FirstLedger())]);
    expect(sumOf(restored)).toBe(3);
  });
});

describe('replicas with other code of the same version', () => {
  it('refuse what not all have, alike, before the log and in it', () => {
    const [narrow, wide] = [replicaOf(new FirstLedger()), replicaOf(new WiderLedger())];
    const log = [agree(new FirstLedger(), true), OPEN, add(3), command('clear'), add(4)];
    expect(applyAll(narrow, log)).toEqual(applyAll(wide, log));
    expect(narrow.stateHash()).toBe(wide.stateHash());
    expect(() => wide.check(command('clear'))).toThrow(expect.objectContaining({ code: 'Unimplemented' }));
    apply(wide, agree(new WiderLedger()));
    wide.check(command('clear'));
    apply(wide, command('clear'));
    expect(sumOf(wide)).toBe(0);
  });

  it('know nothing of a machine that not all have, and keep nothing of it', () => {
    const [without, withIt] = [replicaOf(new FirstLedger()), replicaOf(new FirstLedger())];
    withIt.register('other', new FirstLedger());
    const origin = { session, sequence: 900, acknowledged: 0 };
    const other: Proposal = { kind: 'command', origin, ...call('other', 'add', 1) };
    const log = [
      agree(new FirstLedger(), true),
      OPEN,
      add(3),
      other,
      { kind: 'close-session', session } as const,
    ];
    expect(applyAll(without, log)).toEqual(applyAll(withIt, log));
    expect(without.stateHash()).toBe(withIt.stateHash());
    const both: Proposal = {
      kind: 'agree-machines',
      onlyFirst: false,
      machines: [agreed(new FirstLedger(), 'other')],
    };
    applyAll(withIt, [both, OPEN]);
    const next = { ...origin, session: 7 as typeof session, sequence: 1 };
    expect(said(apply(withIt, { ...other, origin: next }))).toBe(1);
  });
});

describe('a migration that fails', () => {
  it('fails on all, leaves the version and the state, and is told', () => {
    const replicas = [replicaOf(new StrictLedger()), replicaOf(new StrictLedger())];
    const log = [agree(new FirstLedger(), true), OPEN, add(11), agree(new SecondLedger()), add(1)];
    const [one, other] = replicas.map((replica) => applyAll(replica, log));
    expect(one).toEqual(other);
    expect(one?.[3]?.effects).toEqual([
      {
        kind: 'migration-failed',
        index: 4,
        machine: 'ledger',
        from: 1,
        to: 2,
        code: 'Internal',
        message: expect.stringContaining('ledger.migrate() from version 1 threw: too much') as string,
      },
    ]);
    expect(one?.slice(4).map(said)).toEqual([12]);
    expect(replicas[0]?.machines.agreement.all).toEqual([agreed(new FirstLedger())]);
    expect(replicas[0]?.stateHash()).toBe(replicas[1]?.stateHash());
    expect(sumOf(replicas.at(0)!)).toBe(12);
  });

  it.each([
    ['no fields', () => 5],
    ['no data', () => ({ totals: () => 1 })],
    ['a promise', () => Promise.resolve({})],
    ['a member', () => ({ add: 1 })],
  ])('gives %s', (_what, migrate) => {
    const machine = new SecondLedger();
    Object.defineProperty(machine, 'migrate', { value: migrate });
    const replica = replicaOf(machine);
    const applied = applyAll(replica, [
      agree(new FirstLedger(), true),
      OPEN,
      add(2),
      agree(new SecondLedger()),
    ]);
    expect(applied[3]?.effects).toMatchObject([{ kind: 'migration-failed', from: 1, to: 2 }]);
    expect(sumOf(replica)).toBe(2);
  });
});

describe('what this build cannot run', () => {
  const log = [agree(new FirstLedger(), true), OPEN, add(3), agree(new SecondLedger()), add(4, 'ann')];

  it('is refused at its entry, of which nothing happens', () => {
    const replica = replicaOf(new FirstLedger());
    applyAll(replica, log.slice(0, 3));
    const before = replica.stateHash();
    expect(() => apply(replica, log.at(3)!)).toThrow(
      mismatch(
        'machine ledger at version 2, and this build has FirstLedger at version 1: start a build with version 2',
      ),
    );
    expect(replica.stateHash()).toBe(before);
  });

  it('is refused in an image, of which nothing is read', () => {
    const second = replicaOf(new SecondLedger());
    applyAll(second, log);
    const replica = replicaOf(new FirstLedger());
    const before = replica.stateHash();
    expect(() => replica.restore(second.snapshot())).toThrow(mismatch('at version 2'));
    expect(replica.stateHash()).toBe(before);
    expect(() => new Replica(jsonCodec).restore(second.snapshot())).toThrow(mismatch('does not register it'));
  });

  it('is an older version whose class was deleted', () => {
    const first = replicaOf(new FirstLedger());
    applyAll(first, [OLD, OPEN, add(3)]);
    const lonely = replicaOf(new LonelyLedger());
    expect(() => lonely.restore(first.snapshot())).toThrow(mismatch('from version 2 on'));
    expect(() => applyAll(lonely, [OLD, OPEN, add(3)])).toThrow(mismatch('from version 2 on'));
    const agreeing = replicaOf(new LonelyLedger());
    expect(() => apply(agreeing, agree(new FirstLedger(), true))).toThrow(
      mismatch('keep the class of version 1'),
    );
    expect(
      said(applyAll(replicaOf(new LonelyLedger()), [agree(new LonelyLedger(), true), OPEN, add(3)]).at(2)!),
    ).toBe(3);
  });

  it('is a command that the class does not have', () => {
    const replica = replicaOf(new FirstLedger());
    expect(() => apply(replica, agree(new WiderLedger(), true))).toThrow(
      mismatch('which FirstLedger of this build does not have'),
    );
  });

  it('is an argument that the class of the same version does not take, but not one that it takes beside others', () => {
    const machine = new BothLedgers();
    const ofAdd = (schema: Schema): AgreedMachine => {
      const table = operationsOf(machine);
      const operations = table.operations.map((operation) =>
        operation.name === 'add'
          ? { ...operation, parameters: [{ name: 'amount', schema, optional: false }] }
          : operation,
      );
      return { ...agreed(machine), table: tableText({ ...table, operations }) };
    };
    const agreeOn = (schema: Schema): Proposal => ({
      kind: 'agree-machines',
      onlyFirst: true,
      machines: [ofAdd(schema)],
    });
    expect(() => apply(replicaOf(machine), agreeOn({ kind: 'string' }))).toThrow(
      mismatch(
        'with @cmd add(amount: string): unknown, which BothLedgers of this build does not take: argument 1 (amount)',
      ),
    );
    const replica = replicaOf(machine);
    apply(replica, agreeOn({ kind: 'literal', value: 5 }));
    apply(replica, OPEN);
    expect(said(apply(replica, add(6)))).toContain('must be 5');
    expect(said(apply(replica, add(5)))).toBe(10);
  });

  it('is a machine that is not registered', () => {
    const replica = new Replica(jsonCodec);
    expect(() => apply(replica, agree(new FirstLedger(), true))).toThrow(mismatch('does not register it'));
  });

  it('but what a leader proposes too late is nobody’s affair', () => {
    const replica = replicaOf(new FirstLedger());
    applyAll(replica, [agree(new FirstLedger(), true), agree(new SecondLedger(), true)]);
    expect(replica.machines.agreement.all).toEqual([agreed(new FirstLedger())]);
  });
});

describe('classes that do not follow each other are refused when they are registered', () => {
  const refusal = (machine: StateMachine): string => {
    try {
      replicaOf(machine);
    } catch (thrown) {
      return String(thrown);
    }
    return 'none';
  };

  it.each([
    ['gives no machine', () => 5, 'previous() gives no machine'],
    ['gives the same version', () => new SecondLedger(), 'has version 2, which is not before 2'],
    ['gives a later one', () => new ThirdLedger(), 'has version 3, which is not before 2'],
  ])('previous() %s', (_what, previous, words) => {
    const machine = new SecondLedger();
    Object.defineProperty(machine, 'previous', { value: previous });
    expect(refusal(machine)).toContain(words);
  });

  it.each([0, -1, 1.5, '2', undefined, 2 ** 32])('a version of %s is none', (version) => {
    class Odd extends FirstLedger {}
    Object.defineProperty(Odd, 'version', { value: version });
    defineOperations(Odd, operationsOf(new FirstLedger()));
    expect(refusal(new Odd())).toContain('Odd.version must be a positive integer');
  });
});

/** Whatever a group agrees on in whatever order, replicas with all of the code come to the same. */
it('replicas that have the same versions in other classes are equal at every entry', () => {
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('add' as const),
      amount: fc.integer({ min: -2, max: 9 }),
      name: fc.constantFrom('all', 'ann', undefined),
    }),
    fc.record({ kind: fc.constant('agree' as const), version: fc.integer({ min: 1, max: 2 }) }),
    fc.record({ kind: fc.constant('later' as const), delay: fc.integer({ min: 0, max: 40 }) }),
    fc.record({ kind: fc.constant('image' as const) }),
    fc.record({ kind: fc.constant('clear' as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, isAgreeing) => {
      let replicas = [replicaOf(new SecondLedger()), replicaOf(new ThirdLedger())];
      const both = (proposal: Proposal): void => {
        const [one, other] = replicas.map((replica) => apply(replica, proposal));
        expect(one).toEqual(other);
        expect(replicas[0]?.stateHash()).toBe(replicas[1]?.stateHash());
      };
      if (isAgreeing) both(agree(new FirstLedger(), true));
      both(OPEN);
      const opened = replicas.at(0)!.appliedIndex as typeof session;
      let number = 0;
      for (const one of steps) {
        number += 1;
        const origin = { session: opened, sequence: number, acknowledged: 0 };
        const asCommand = (name: string, ...args: unknown[]): Proposal => ({
          kind: 'command',
          origin,
          ...call('ledger', name, ...args),
        });
        if (one.kind === 'add')
          both(asCommand('add', one.amount, ...(one.name === undefined ? [] : [one.name])));
        if (one.kind === 'later') both(asCommand('later', one.delay));
        if (one.kind === 'clear') both(asCommand('clear'));
        if (one.kind === 'agree') both(agree(one.version === 1 ? new FirstLedger() : new SecondLedger()));
        if (one.kind === 'image') {
          const images = replicas.map((replica) => replica.snapshot());
          replicas = [replicaOf(new SecondLedger()), replicaOf(new ThirdLedger())];
          replicas.at(0)!.restore(images.at(1)!);
          replicas.at(1)!.restore(images.at(0)!);
        }
      }
    }),
    { numRuns: 150 },
  );
});
