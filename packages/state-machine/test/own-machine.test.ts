import {
  CONFIGURATION_NAME,
  MASTER_NAME,
  machineId,
  type Proposal,
  type SessionId,
  type SubscriptionId,
} from '@decoraft/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  cmd,
  defineOperations,
  derived,
  event,
  qry,
  Replica,
  selectEvent,
  StateMachine,
  sub,
} from '../src/index.js';
import { call, jsonCodec, tableOf } from './fixtures.js';
import { applyTo, createReplica, Ledger } from './ledger.js';

class Mirror extends StateMachine {
  @derived private readonly look: () => number;

  constructor(look: () => number) {
    super();
    this.look = look;
  }

  override restored(): void {
    expect.fail('it has no state that could be restored');
  }

  @qry seen(): number {
    return this.look();
  }
}
defineOperations(Mirror, tableOf('Mirror', { seen: ['qry'] }));

class Meddler extends StateMachine {
  @cmd meddle(): void {}
}
defineOperations(Meddler, tableOf('Meddler', { meddle: ['cmd'] }));

class Crier extends StateMachine {
  @sub onCry = event<() => number>();
}
defineOperations(Crier, tableOf('Crier', { onCry: ['sub'] }));

const origin = (sequence: number) => ({ session: 1 as SessionId, sequence, acknowledged: 0 });
const OPEN: Proposal = { kind: 'open-session', timeoutMs: 10_000, isOrdered: true };

let replica: Replica;
let twin: Replica;

beforeEach(() => {
  twin = createReplica();
  replica = createReplica();
  replica.machines.registerOwn(MASTER_NAME, new Mirror(() => replica.appliedIndex));
});

describe('a machine of Decoraft itself', () => {
  it('has the reserved id of its name, which no hash decides', () => {
    expect([MASTER_NAME, CONFIGURATION_NAME].map(machineId)).toEqual([0, 1]);
    expect(machineId('ledger')).toBeGreaterThan(1);
  });

  it('answers queries from what the replica is', () => {
    const ask = () => replica.query({ ...call(MASTER_NAME, 'seen'), consistency: 'local', minIndex: 0 });
    expect(ask()).toEqual({ kind: 'value', value: jsonCodec.encode(0) });
    applyTo(replica, [OPEN], 0);
    expect(ask()).toEqual({ kind: 'value', value: jsonCodec.encode(1) });
  });

  it('is in no image, no hash and no list, and is not told of a restore', () => {
    const log: Proposal[] = [
      OPEN,
      { kind: 'command', origin: origin(1), ...call('ledger', 'pay', 'ann', 3) },
    ];
    for (const one of [replica, twin]) for (const at of log.keys()) applyTo(one, log, at);
    expect(replica.snapshot()).toEqual(twin.snapshot());
    expect(replica.view().hashesNow()).toEqual(twin.view().hashesNow());
    expect(Array.from(replica.machines.registered(), ({ name }) => name)).toEqual(['ledger', 'shelf']);
    expect(replica.machines.nameOf(machineId(MASTER_NAME))).toBeUndefined();
    replica.restore(twin.snapshot());
    const selection = { machine: MASTER_NAME, event: 'onSeen', parameters: [] };
    expect(() => selectEvent(replica.machines.registered(), selection)).toThrow(`no machine ${MASTER_NAME}`);
  });

  it('is given no command and no subscription: refused by name, before the log and in it', () => {
    const command: Proposal = { kind: 'command', origin: origin(1), ...call(MASTER_NAME, 'seen') };
    const subscribe: Proposal = { kind: 'subscribe', origin: origin(2), ...call(MASTER_NAME, 'seen') };
    expect(() => replica.check(command)).toThrow(`machine ${MASTER_NAME} has no @cmd`);
    expect(() => replica.check(subscribe)).toThrow(`machine ${MASTER_NAME} has no @sub`);
    const log = [OPEN, command, subscribe];
    const outcomes = Array.from(log.keys(), (at) => applyTo(replica, log, at).outcome);
    expect(outcomes.slice(1)).toMatchObject([
      { kind: 'error', code: 'Unimplemented' },
      { kind: 'error', code: 'Unimplemented' },
    ]);
  });

  it('is frozen while it is asked, as any machine in development', () => {
    class Writer extends StateMachine {
      count = 0;
      @qry seen(): number {
        return ++this.count;
      }
    }
    defineOperations(Writer, tableOf('Writer', { seen: ['qry'] }));
    const frozen = new Replica(jsonCodec, { freezeQueries: true });
    frozen.machines.registerOwn(CONFIGURATION_NAME, new Writer());
    const question = { ...call(CONFIGURATION_NAME, 'seen'), consistency: 'local', minIndex: 0 } as const;
    expect(frozen.query(question)).toMatchObject({ kind: 'error', code: 'CommandRejected' });
  });

  it.each([
    ['another name', 'ledger2', new Mirror(() => 0), 'machine ledger2 has no id that is kept for Decoraft'],
    ['a command', MASTER_NAME, new Meddler(), `${MASTER_NAME}.meddle is a @cmd`],
    ['an event', MASTER_NAME, new Crier(), `${MASTER_NAME}.onCry is a @sub`],
  ])('is refused with %s', (_what, name, machine, words) => {
    expect(() => replica.machines.registerOwn(name, machine)).toThrow(words);
  });

  it.each([MASTER_NAME, CONFIGURATION_NAME])('has a name that no user gets: %s', (name) => {
    const words = `the id of machine ${name} is taken by Decoraft itself`;
    expect(() => replica.register(name, new Ledger())).toThrow(words);
    expect(() => new Replica(jsonCodec).register(name, new Ledger())).toThrow(words);
  });
});

describe('subscriptions', () => {
  it('are counted by event, of all and of one session, whatever comes and goes', () => {
    const step = fc.record({
      session: fc.integer({ min: 1, max: 3 }),
      event: fc.integer({ min: 2, max: 4 }),
      parameter: fc.constantFrom('a', 'b'),
      kind: fc.constantFrom('add', 'add', 'add', 'remove', 'end'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { subscriptions } = new Replica(jsonCodec);
        const naive = new Map<number, { session: number; event: number }>();
        for (const [at, { event: operation, kind, parameter, session }] of steps.entries()) {
          const owner = session as SessionId;
          const [first] = [...naive].find(([, one]) => one.session === session) ?? [];
          if (kind === 'add') {
            subscriptions.add(at as SubscriptionId, owner, `7/${operation}/${parameter}`);
            naive.set(at, { session, event: operation });
          } else if (kind === 'end') {
            subscriptions.removeSession(owner);
            for (const [id, one] of naive) if (one.session === session) naive.delete(id);
          } else if (first !== undefined) {
            subscriptions.remove(first as SubscriptionId, owner);
            naive.delete(first);
          }
        }
        for (const session of [undefined, 1, 2, 3]) {
          const mine = [...naive.values()].filter((one) => session === undefined || one.session === session);
          const counts = new Map(
            subscriptions
              .counts(session as SessionId | undefined)
              .map(({ count, machine, operation }) => [`${machine}.${operation}`, count]),
          );
          const expected = new Map<string, number>();
          for (const { event: one } of mine) expected.set(`7.${one}`, (expected.get(`7.${one}`) ?? 0) + 1);
          expect(counts).toEqual(expected);
        }
      }),
    );
  });
});
