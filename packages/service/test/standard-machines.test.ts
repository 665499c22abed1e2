import { DEFAULT_GROUP_LIMITS, type GroupMember, type MachineId, type SessionId } from '@decoraft/protocol';
import { operationsOf } from '@decoraft/state-machine';
import { describe, expect, it } from 'vitest';
import { Configuration, type KnownGroup, type KnownMachine, Master } from '../src/standard/index.js';

const MEMBERS: readonly GroupMember[] = [{ id: 'a', address: 'h:1', role: 'voter' }];

function machine(id: number, name: string): KnownMachine {
  const instance = new Master(() => []);
  const { operations } = operationsOf(instance);
  return { id: id as MachineId, name, instance, operations: new Map(operations.map((one) => [one.id, one])) };
}

/** A group with sessions 10, 20, 30, … of which the one with `lostId` has ended. */
function groupOf(sessions: number, lostId = 0): KnownGroup {
  const all = Array.from({ length: sessions }, (_, at) => ({
    id: ((at + 1) * 10) as SessionId,
    timeoutMs: (at + 1) * 10 === lostId ? 0 : 5_000,
    replies: new Map([[1, 'kept']]),
    replyBytes: 4,
  }));
  const known = machine(70, 'one');
  const [operation] = known.operations.keys();
  return {
    members: () => MEMBERS,
    replica: {
      machines: { registered: () => [known] },
      sessions: { all: () => all },
      limits: { current: DEFAULT_GROUP_LIMITS },
      subscriptions: {
        ofSession: (session) => (session === 10 ? [{ pendingCount: 2 }, { pendingCount: 3 }] : []),
        counts: (session) =>
          session === 20
            ? []
            : [
                { machine: 70 as MachineId, operation: 9 as never, count: 1 },
                { machine: 70 as MachineId, operation: operation as never, count: 4 },
                { machine: 60 as MachineId, operation: 8 as never, count: 2 },
              ],
      },
    },
  };
}

const configuration = (sessions = 3, lostId = 0): Configuration =>
  new Configuration(groupOf(sessions, lostId));

describe('the master', () => {
  it('shows machines by their names, with their ids, classes and operations', () => {
    const machines = [machine(7, 'b'), machine(9, 'B'), machine(8, 'a')];
    const shown = new Master(() => machines).machines();
    expect(shown.map(({ className, id, name }) => [name, id, className])).toEqual([
      ['B', 9, 'Master'],
      ['a', 8, 'Master'],
      ['b', 7, 'Master'],
    ]);
    expect(shown[0]?.operations).toMatchObject([{ name: 'machines', kind: 'qry' }]);
  });
});

describe('the configuration', () => {
  it('shows members and limits as they are agreed on', () => {
    expect(configuration().members()).toEqual(MEMBERS);
    expect(configuration().limits()).toEqual(DEFAULT_GROUP_LIMITS);
  });

  it('shows a session with what is kept for it', () => {
    expect(configuration(1).sessions()).toEqual({
      count: 1,
      hasMore: false,
      sessions: [
        { id: 10, timeoutMs: 5_000, keptReplies: 1, keptReplyBytes: 4, subscriptions: 2, pendingEvents: 5 },
      ],
    });
  });

  it('shows sessions page by page, each once, and none that has ended', () => {
    const group = configuration(2_500, 40);
    const seen: number[] = [];
    for (let after = 0, hasMore = true; hasMore; after = seen.at(-1) ?? Infinity) {
      const page = group.sessions({ after, limit: 400 });
      expect(page.count).toBe(2_499);
      expect(page.sessions.length).toBeLessThanOrEqual(400);
      seen.push(...page.sessions.map(({ id }) => id));
      ({ hasMore } = page);
    }
    expect(seen).toEqual(Array.from({ length: 2_500 }, (_, at) => (at + 1) * 10).filter((id) => id !== 40));
    expect(group.sessions().sessions).toHaveLength(1_000);
    expect(configuration(3).sessions({ limit: 3 }).hasMore).toBe(false);
    expect(group.sessions({ after: 25_000 })).toEqual({ count: 2_499, sessions: [], hasMore: false });
  });

  it.each([0, -1, 1.5, 1_001, NaN])('refuses a page of %d', (limit) => {
    expect(() => configuration().sessions({ limit })).toThrow(/limit of a page must be an integer/);
  });

  it('counts subscriptions by the names of machine and event, and by ids where it knows no name', () => {
    expect(configuration().subscriptions()).toEqual({
      count: 7,
      events: [
        { machine: '#60', event: '#8', count: 2 },
        { machine: 'one', event: '#9', count: 1 },
        { machine: 'one', event: 'machines', count: 4 },
      ],
    });
    expect(configuration().subscriptions({ session: 20 })).toEqual({ count: 0, events: [] });
  });
});
