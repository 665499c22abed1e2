import {
  encodeProposal,
  type Outcome,
  type Proposal,
  type SessionId,
  stampProposal,
  type SubscriptionId,
} from '@decoraft/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Applied, cmd, defineOperations, event, qry, Replica, StateMachine, sub } from '../src/index.js';
import { call, jsonCodec, tableOf } from './fixtures.js';

class Notes extends StateMachine {
  private readonly notes: string[] = [];

  @sub onNote = event<(topic: string) => string>();

  @cmd add(topic: string, note: string): number {
    this.notes.push(note);
    this.onNote(topic).notify(note);
    return this.notes.length;
  }

  @cmd fail(words: string): never {
    this.notes.push('before the failure');
    this.onNote('news').notify('never delivered');
    throw Object.assign(new Error(words), { code: 'Full', data: { limit: 3 } });
  }

  @cmd failOddly(): never {
    throw Object.assign(new Error('odd'), { data: () => 1 });
  }

  @cmd promise(): unknown {
    return Promise.resolve(1);
  }

  @cmd unsendable(): unknown {
    return 10n;
  }

  @cmd look(): unknown {
    const { index, random, session, term, time } = this.context;
    return { index, term, time, session, random: [random(), random()] };
  }

  @qry all(): readonly string[] {
    return this.notes;
  }

  @qry cheat(): void {
    this.onNote('news').notify('from a query');
  }

  @qry now(): unknown {
    return this.context.time;
  }
}
defineOperations(
  Notes,
  tableOf('Notes', {
    onNote: ['sub', { kind: 'string' }],
    add: ['cmd', { kind: 'string' }, { kind: 'string' }],
    fail: ['cmd', { kind: 'string' }],
    failOddly: ['cmd'],
    promise: ['cmd'],
    unsendable: ['cmd'],
    look: ['cmd'],
    all: ['qry'],
    cheat: ['qry'],
    now: ['qry'],
  }),
);

/** A log that is applied as it is written. */
class AppliedLog {
  readonly replica = new Replica(jsonCodec);
  readonly entries: Uint8Array[] = [];
  #time = 1_000;

  constructor() {
    this.replica.register('notes', new Notes());
  }

  append(proposal: Proposal, time = (this.#time += 10)): Applied {
    return this.appendBytes(stampProposal(time, encodeProposal(proposal)));
  }

  appendBytes(data: Uint8Array): Applied {
    this.entries.push(data);
    return this.replica.apply({ index: this.entries.length, term: 3, data });
  }

  open(): SessionId {
    return this.append({ kind: 'open-session', timeoutMs: 5_000 }).index as SessionId;
  }

  command(session: SessionId, sequence: number, operation: string, ...args: unknown[]): Applied {
    const origin = { session, sequence, acknowledged: 0 };
    return this.append({ kind: 'command', origin, ...call('notes', operation, ...args) });
  }

  subscribe(session: SessionId, sequence: number, topic: unknown): Applied {
    const origin = { session, sequence, acknowledged: 0 };
    return this.append({ kind: 'subscribe', origin, ...call('notes', 'onNote', topic) });
  }

  query(operation: string): Outcome {
    return this.replica.query({ consistency: 'local', minIndex: 0, ...call('notes', operation) });
  }

  pendingOf(subscription: SubscriptionId): readonly unknown[] {
    const pending = this.replica.subscriptions.get(subscription)?.pending ?? [];
    return pending.map(({ position, value }) => [position.index, position.ordinal, jsonCodec.decode(value)]);
  }
}

const valueOf = (outcome: Outcome): unknown =>
  outcome.kind === 'value' ? jsonCodec.decode(outcome.value) : `${outcome.code}: ${outcome.message}`;

let log: AppliedLog;
let session: SessionId;

beforeEach(() => {
  log = new AppliedLog();
  session = log.open();
});

describe('a command', () => {
  it('runs once for one sequence number, and answers alike every time', () => {
    const first = log.command(session, 1, 'add', 'news', 'a');
    const again = log.command(session, 1, 'add', 'news', 'a');
    expect(valueOf(first.outcome)).toBe(1);
    expect({ ...again, news: [] }).toEqual({ ...first, news: [] });
    expect(valueOf(log.query('all'))).toEqual(['a']);
  });

  it('whose answer was acknowledged is forgotten, and never runs again', () => {
    log.command(session, 1, 'add', 'news', 'a');
    const origin = { session, sequence: 2, acknowledged: 1 };
    log.append({ kind: 'command', origin, ...call('notes', 'add', 'news', 'b') });
    expect(log.replica.sessions.get(session)?.replies.has(1)).toBe(false);
    expect(valueOf(log.command(session, 1, 'add', 'news', 'a').outcome)).toContain('acknowledged already');
    expect(valueOf(log.query('all'))).toEqual(['a', 'b']);
  });

  it('of an ended session is told so and does not run', () => {
    log.append({ kind: 'close-session', session });
    expect(valueOf(log.command(session, 1, 'add', 'news', 'a').outcome)).toContain('SessionExpired');
    expect(valueOf(log.query('all'))).toEqual([]);
  });

  it('that throws answers with words, code and data; its events are dropped, its state stays', () => {
    const id = log.subscribe(session, 1, 'news').index as SubscriptionId;
    const { outcome } = log.command(session, 2, 'fail', 'no room');
    expect(valueOf(outcome)).toBe('CommandRejected: notes.fail: no room');
    expect(outcome.kind === 'error' && jsonCodec.decode(outcome.data)).toEqual({
      message: 'no room',
      code: 'Full',
      data: { limit: 3 },
    });
    expect(log.pendingOf(id)).toEqual([]);
    expect(valueOf(log.query('all'))).toEqual(['before the failure']);
  });

  it.each([
    ['failOddly', 'CommandRejected: notes.failOddly: odd'],
    ['promise', 'must be synchronous'],
    ['unsendable', 'Internal'],
  ])('%s cannot stop a replica', (operation, words) => {
    expect(valueOf(log.command(session, 1, operation).outcome)).toContain(words);
    expect(valueOf(log.command(session, 2, 'add', 'news', 'a').outcome)).toBe(1);
  });

  it('knows its place, its time and its own randomness', () => {
    const index = log.entries.length + 1;
    const seen = valueOf(log.command(session, 1, 'look').outcome) as Record<string, unknown>;
    expect(seen).toMatchObject({ index, term: 3, session });
    const other = valueOf(log.command(session, 2, 'look').outcome) as Record<string, unknown>;
    expect(other['random']).not.toEqual(seen['random']);
  });

  it('never sees time go back', () => {
    const at = (sequence: number, time: number): unknown => {
      const origin = { session, sequence, acknowledged: 0 };
      const applied = log.append({ kind: 'command', origin, ...call('notes', 'look') }, time);
      return (valueOf(applied.outcome) as { time: number }).time;
    };
    expect([at(1, 5_000), at(2, 4_000), at(3, 6_000)]).toEqual([5_000, 5_000, 6_000]);
  });
});

describe('no entry can poison the log', () => {
  it.each<[string, Proposal, string]>([
    [
      'an unknown machine',
      {
        kind: 'command',
        origin: { session: 1 as SessionId, sequence: 1, acknowledged: 0 },
        ...call('nobody', 'add'),
      },
      'NotFound',
    ],
    [
      'an unknown method',
      {
        kind: 'command',
        origin: { session: 1 as SessionId, sequence: 1, acknowledged: 0 },
        ...call('notes', 'drop'),
      },
      'Unimplemented',
    ],
    [
      'a query as a command',
      {
        kind: 'command',
        origin: { session: 1 as SessionId, sequence: 1, acknowledged: 0 },
        ...call('notes', 'all'),
      },
      'Unimplemented',
    ],
    [
      'a mistyped argument',
      {
        kind: 'command',
        origin: { session: 1 as SessionId, sequence: 1, acknowledged: 0 },
        ...call('notes', 'add', 1, 2),
      },
      'InvalidArgument',
    ],
  ])('%s is an answer', (_, proposal, code) => {
    expect(valueOf(log.append(proposal).outcome)).toContain(code);
    expect(() => log.replica.check(proposal)).toThrow(code);
  });

  it.each([
    ['no bytes of ours', Uint8Array.of(1, 2, 3)],
    ['a later format', Uint8Array.of(200, 0, 0)],
    [
      'arguments that do not decode',
      stampProposal(
        1,
        encodeProposal({
          kind: 'command',
          origin: { session: 1 as SessionId, sequence: 1, acknowledged: 0 },
          ...call('notes', 'add'),
          args: Uint8Array.of(0xff),
        }),
      ),
    ],
  ])('%s is an answer', (_, data) => {
    expect(log.appendBytes(data).outcome.kind).toBe('error');
    expect(valueOf(log.command(session, 9, 'add', 'news', 'a').outcome)).toBe(1);
  });
});

describe('events', () => {
  it('go to those who selected equal parameters, with a position each', () => {
    const news = log.subscribe(session, 1, 'news').index as SubscriptionId;
    const sport = log.subscribe(session, 2, 'sport').index as SubscriptionId;
    const { index, news: told } = log.command(session, 3, 'add', 'news', 'a');
    expect(log.pendingOf(news)).toEqual([[index, 0, 'a']]);
    expect(log.pendingOf(sport)).toEqual([]);
    const { key } = log.replica.subscriptions.get(news)!;
    expect(told).toEqual([{ kind: 'events', key }]);
  });

  it('are kept until they are acknowledged', () => {
    const id = log.subscribe(session, 1, 'news').index as SubscriptionId;
    const first = log.command(session, 2, 'add', 'news', 'a');
    log.command(session, 3, 'add', 'news', 'b');
    const position = { index: first.index, ordinal: 0 };
    log.append({ kind: 'acknowledge-events', session, positions: [{ subscription: id, position }] });
    expect(log.pendingOf(id).map((pending) => (pending as unknown[])[2])).toEqual(['b']);
  });

  it('end with the subscription, and with its session', () => {
    const origin = { session, sequence: 2, acknowledged: 0 };
    const one = log.subscribe(session, 1, 'news').index as SubscriptionId;
    const over = { kind: 'subscription-over', session, subscription: one };
    expect(log.append({ kind: 'unsubscribe', origin, subscription: one }).news).toEqual([over]);
    expect(log.replica.subscriptions.get(one)).toBeUndefined();
    const two = log.subscribe(session, 3, 'news').index as SubscriptionId;
    const ended = log.append({ kind: 'expire-sessions', sessions: [session] });
    expect(ended.news).toEqual([{ kind: 'session-over', session }]);
    expect(log.replica.subscriptions.get(two)).toBeUndefined();
    const other = log.open();
    expect(log.command(other, 1, 'add', 'news', 'a').news).toBeUndefined();
  });

  it('are not taken away by another session', () => {
    const id = log.subscribe(session, 1, 'news').index as SubscriptionId;
    const other = { session: log.open(), sequence: 1, acknowledged: 0 };
    expect(log.append({ kind: 'unsubscribe', origin: other, subscription: id }).news).toBeUndefined();
    expect(log.replica.subscriptions.get(id)?.session).toBe(session);
  });

  it('beyond what is kept for a subscriber end its subscription, with a reason', () => {
    const id = log.subscribe(session, 1, 'news').index as SubscriptionId;
    const large = 'x'.repeat(17 * 1024 * 1024);
    for (let sequence = 2; sequence < 6; sequence++) log.command(session, sequence, 'add', 'news', large);
    expect(log.replica.subscriptions.get(id)).toBeUndefined();
    expect(log.replica.subscriptions.ended(id)?.error.code).toBe('SubscriptionOverflow');
  });

  it('cannot be notified by a query', () => {
    expect(valueOf(log.query('cheat'))).toContain('outside of a command');
  });
});

describe('the same log', () => {
  it('gives the same replies and the same pending events on every replica', () => {
    log.subscribe(session, 1, 'news');
    log.command(session, 2, 'add', 'news', 'a');
    log.command(session, 3, 'fail', 'x');
    log.command(session, 4, 'look');
    const replies = (of: Replica): unknown => of.sessions.get(session)?.replies;
    const twin = new Replica(jsonCodec);
    twin.register('notes', new Notes());
    for (const [at, data] of log.entries.entries()) twin.apply({ index: at + 1, term: 3, data });
    expect(replies(twin)).toEqual(replies(log.replica));
    expect(twin.subscriptions.image()).toEqual(log.replica.subscriptions.image());
  });

  it('is applied without a gap and without a repetition', () => {
    const entry = { index: 1, term: 1, data: new Uint8Array(0) };
    expect(() => log.replica.apply(entry)).toThrow('is applied after');
  });

  it('context does not exist outside of a command', () => {
    expect(valueOf(log.query('now'))).toContain('only while a command runs');
  });
});
