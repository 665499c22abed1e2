import {
  DecoraftError,
  encodeProposal,
  type MachineId,
  machineId,
  type Proposal,
  type SessionId,
  stampProposal,
  type SubscriptionId,
} from '@decoraft/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Replica } from '../src/index.js';
import type { Session } from '../src/sessions.js';
import type { TopicImage } from '../src/subscriptions.js';
import { EARLIER_FORMATS } from './earlier-formats.js';
import { call, encodeImage, jsonCodec } from './fixtures.js';
import { applyTo, createReplica, history, Ledger, Shelf, visible } from './ledger.js';
import { inFormat } from './older-images.js';

const session = 1 as SessionId;
const nobody = { topics: [], ended: [] };
const origin = (sequence: number, acknowledged = 0) => ({ session, sequence, acknowledged });
const open: Proposal = { kind: 'open-session', timeoutMs: 5_000 };
const subscribe = (sequence: number, owner: string): Proposal => ({
  kind: 'subscribe',
  origin: origin(sequence),
  ...call('ledger', 'onPaid', owner),
});
const pay = (sequence: number, amount: number, acknowledged = 0): Proposal => ({
  kind: 'command',
  origin: origin(sequence, acknowledged),
  ...call('ledger', 'pay', 'ann', amount),
});

/** A session that was answered under these sequence numbers. */
function replied(...sequences: readonly number[]): Session {
  const outcome = { kind: 'value', value: new Uint8Array(0) } as const;
  const replies = new Map(sequences.map((sequence) => [sequence, { index: 0, term: 0, outcome }]));
  return { id: session, timeoutMs: 0, acknowledged: 0, lastApplied: undefined, replies, replyBytes: 0 };
}

function replicaOf(log: readonly Proposal[]): Replica {
  const replica = createReplica();
  for (const at of log.keys()) applyTo(replica, log, at);
  return replica;
}

/** Whether builds before the third format knew it. */
const isOlder = (proposal: Proposal): boolean =>
  proposal.kind !== 'configure' && !(proposal.kind === 'open-session' && proposal.isOrdered);

function restored(image: Uint8Array, into = createReplica()): Replica {
  into.restore(image);
  return into;
}

describe('a replica that was restored at any point of any history', () => {
  it('cannot be told from the one that never was: answers, sessions, events, bytes and hashes', () => {
    fc.assert(
      fc.property(history, fc.nat(), fc.boolean(), (log, seed, again) => {
        const naive = createReplica();
        let twin = createReplica();
        const places = new Set([seed % log.length, ...(again ? [(seed >> 8) % log.length] : [])]);
        for (const at of log.keys()) {
          if (places.has(at)) twin = restored(naive.snapshot());
          expect(applyTo(twin, log, at)).toEqual(applyTo(naive, log, at));
          expect(twin.stateHash()).toBe(naive.stateHash());
        }
        expect(visible(twin)).toEqual(visible(naive));
        expect(twin.snapshot()).toEqual(naive.snapshot());
      }),
      { numRuns: 400 },
    );
  });

  it('whatever it held before, and in place', () => {
    fc.assert(
      fc.property(history, history, (log, longer) => {
        const naive = replicaOf([...log, ...longer]);
        const used = replicaOf(log);
        used.restore(naive.snapshot());
        expect(visible(used)).toEqual(visible(naive));
        expect(used.snapshot()).toEqual(naive.snapshot());
      }),
      { numRuns: 200 },
    );
  });
});

describe('an image', () => {
  it.each([1, 2] as const)('of format %s is read, whatever is in it', (format) => {
    const log = [open, subscribe(1, 'ann'), pay(2, 5), subscribe(3, 'ann'), subscribe(4, 'bob'), pay(5, 7)];
    const source = replicaOf(log);
    const older = inFormat(format, source.snapshot());
    expect(restored(older).sessions.get(session)?.lastApplied).toBeUndefined();
    expect(restored(older).limits.agreed).toBeUndefined();
    expect(restored(older).snapshot()).toEqual(source.snapshot());
    expect(() => createReplica().restore(older.subarray(0, -1))).toThrow('Corrupted');
    expect(() => createReplica().restore(Uint8Array.of(...older, 0))).toThrow('Corrupted');
    fc.assert(
      fc.property(history, (other) => {
        const any = replicaOf(other.filter(isOlder));
        expect(restored(inFormat(format, any.snapshot())).snapshot()).toEqual(any.snapshot());
      }),
    );
  });

  it.each([1, 2] as const)('of format %s is read as an older build has written it', (format) => {
    const fail: Proposal = { kind: 'command', origin: origin(3), ...call('ledger', 'fail', 'no') };
    const source = replicaOf([open, subscribe(1, 'ann'), pay(2, 5), fail]);
    expect(restored(EARLIER_FORMATS[format]).snapshot()).toEqual(source.snapshot());
    expect(inFormat(format, source.snapshot())).toEqual(EARLIER_FORMATS[format]);
  });

  it('is not kept: the bytes may be used again', () => {
    const log = [open, subscribe(1, 'ann'), pay(2, 5), pay(3, 7)];
    const source = replicaOf(log);
    for (const replica of [createReplica(), new Replica(jsonCodec)]) {
      const image = source.snapshot().slice();
      replica.restore(image);
      image.fill(0xff);
      expect(replica.snapshot()).toEqual(source.snapshot());
    }
  });

  it('has a time that can be read, whatever an entry said', () => {
    const replica = replicaOf([open]);
    for (const [at, time] of [NaN, Infinity, -Infinity].entries()) {
      replica.apply({ index: 2 + at, term: 1, data: stampProposal(time, encodeProposal(pay(1, 5))) });
    }
    expect(replica.time).toBe(1_000);
    expect(restored(replica.snapshot()).time).toBe(1_000);
  });
});

describe('exactly once, across a restore (C32)', () => {
  it('a retry gets the first answer and does nothing twice', () => {
    const log = [open, pay(1, 5), pay(2, 7)];
    const replica = restored(replicaOf(log).snapshot());
    const again = applyTo(replica, [...log, pay(2, 7)], 3);
    expect([again.index, again.outcome]).toEqual([3, { kind: 'value', value: jsonCodec.encode(12) }]);
    const next = applyTo(replica, [...log, pay(2, 7), pay(3, 1)], 4);
    expect(next.outcome).toEqual({ kind: 'value', value: jsonCodec.encode(13) });
  });

  it('what was acknowledged stays forgotten, and is not executed again', () => {
    const log = [open, pay(1, 5), pay(2, 7, 1), pay(1, 5)];
    const replica = restored(replicaOf(log.slice(0, 3)).snapshot());
    expect(applyTo(replica, log, 3).outcome).toMatchObject({ kind: 'error', code: 'InvalidArgument' });
  });

  it('a session that has ended stays ended', () => {
    const log: readonly Proposal[] = [open, pay(1, 5), { kind: 'close-session', session }, pay(1, 5)];
    const replica = restored(replicaOf(log.slice(0, 3)).snapshot());
    expect(applyTo(replica, log, 3).outcome).toMatchObject({ code: 'SessionExpired' });
  });
});

describe('events, across a restore', () => {
  const log = [open, subscribe(1, 'ann'), subscribe(2, 'ann'), pay(3, 5), pay(4, 7)];
  const [one, two] = [2 as SubscriptionId, 3 as SubscriptionId];

  it('those that were not acknowledged are still pending, and acknowledged as before', () => {
    const replica = restored(replicaOf(log).snapshot());
    const pending = replica.subscriptions.get(one)?.pending ?? [];
    expect(pending.map(({ position, value }) => ({ position, value }))).toEqual([
      { position: { index: 4, ordinal: 0 }, value: jsonCodec.encode(5) },
      { position: { index: 5, ordinal: 0 }, value: jsonCodec.encode(7) },
    ]);
    const positions = [{ subscription: one, position: { index: 4, ordinal: 0 } }];
    applyTo(replica, [...log, { kind: 'acknowledge-events', session, positions }], 5);
    expect(replica.subscriptions.get(one)?.pending).toHaveLength(1);
    expect(replica.subscriptions.get(one)?.pendingBytes).toBe(1);
    expect(replica.subscriptions.get(two)?.pending).toHaveLength(2);
  });

  it('an event is stored once, however many wait for it', () => {
    const many = Array.from({ length: 50 }, (_, at) => subscribe(at + 1, 'ann'));
    const image = replicaOf([open, ...many, pay(90, 5)]).snapshot();
    const replica = restored(image);
    const events = [...replica.subscriptions.all()].map(({ pending }) => pending[0]);
    expect(new Set(events).size).toBe(1);
  });

  it('a subscription that has overflowed still says why', () => {
    const source = replicaOf(log);
    const { key } = source.subscriptions.get(one)!;
    source.subscriptions.publish(key, { index: 5, ordinal: 1 }, new Uint8Array(64 * 1024 * 1024));
    const ended = restored(source.snapshot()).subscriptions.ended(one);
    expect(ended).toEqual(source.subscriptions.ended(one));
    expect(ended?.error.message).toContain('SubscriptionOverflow: subscription 2 fell further behind');
  });
});

describe('machines, across a restore', () => {
  const log = [
    open,
    pay(1, 5),
    { kind: 'command', origin: origin(2), ...call('shelf', 'put', 'cup') } as Proposal,
  ];

  it('the part of one that is not registered is kept for it, and for the next image', () => {
    const source = replicaOf(log);
    const bare = restored(source.snapshot(), new Replica(jsonCodec));
    expect(bare.snapshot()).toEqual(source.snapshot());
    const ledger = new Ledger();
    bare.register('ledger', ledger);
    expect(ledger.total).toBe(5n);
    expect(bare.snapshot()).toEqual(source.snapshot());
    const shelf = new Shelf();
    bare.register('shelf', shelf);
    expect(shelf.count).toBe(1);
    const next: readonly Proposal[] = [...log, pay(3, 1)];
    expect(applyTo(bare, next, 3)).toEqual(applyTo(source, next, 3));
    expect(bare.stateHash()).toBe(source.stateHash());
  });

  it('one without a part starts fresh, also where it had a state', () => {
    const source = new Replica(jsonCodec);
    for (const index of [1, 2, 3, 4]) source.skip(index);
    const used = replicaOf(log);
    used.restore(source.snapshot());
    const fresh = createReplica();
    for (const index of [1, 2, 3, 4]) fresh.skip(index);
    expect(used.snapshot()).toEqual(fresh.snapshot());
  });

  it('the order in which they are registered does not show', () => {
    const other = new Replica(jsonCodec);
    other.register('shelf', new Shelf());
    other.register('ledger', new Ledger());
    expect(other.stateHash()).toBe(createReplica().stateHash());
  });
});

describe('the hash of a state', () => {
  it('is 128 bits in hexadecimal digits, and changes with every entry', () => {
    const replica = createReplica();
    const log = [open, pay(1, 5), pay(1, 5), pay(2, 5)];
    const hashes = log.map((_, at) => {
      applyTo(replica, log, at);
      return replica.stateHash();
    });
    expect(new Set(hashes).size).toBe(4);
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{32}$/);
  });

  it('shows a change of state that no command made', () => {
    const ledger = new Ledger();
    const replica = new Replica(jsonCodec);
    replica.register('ledger', ledger);
    const before = replica.stateHash();
    ledger.digest[3] = 1;
    expect(replica.stateHash()).not.toBe(before);
  });
});

describe('an image that is not sound is refused, and nothing has changed', () => {
  const log = [open, subscribe(1, 'ann'), subscribe(2, 'anyone'), pay(3, 5), pay(4, 7)];
  const image = replicaOf(log).snapshot();
  const held = replicaOf([open, pay(1, 1)]);
  const before = held.snapshot().slice();

  function refusal(bytes: Uint8Array): DecoraftError | undefined {
    try {
      createReplica().restore(bytes);
      return undefined;
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(DecoraftError);
      return thrown as DecoraftError;
    }
  }

  it('every prefix', () => {
    for (let length = 0; length < image.length; length++) {
      expect(() => held.restore(image.subarray(0, length))).toThrow('Corrupted');
    }
    expect(held.snapshot()).toEqual(before);
  });

  it('flipped bits are refused or harmless: what was accepted can be taken again and goes on', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(image.length * 8 - 1), { minLength: 1, maxLength: 3 }), (flips) => {
        const bytes = image.slice();
        for (const flip of flips) bytes[flip >> 3] = (bytes[flip >> 3] ?? 0) ^ (1 << (flip & 7));
        const replica = createReplica();
        try {
          replica.restore(bytes);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(DecoraftError);
          expect((thrown as DecoraftError).code).toMatch(/Corrupted|Internal/);
          return;
        }
        expect(restored(replica.snapshot()).snapshot()).toEqual(replica.snapshot());
        const data = new Uint8Array(0);
        expect(replica.apply({ index: replica.appliedIndex + 1, term: 9, data }).outcome.kind).toBe('error');
      }),
      { numRuns: 3_000 },
    );
  });

  it('a later format, and bytes behind the end', () => {
    const later = image.slice();
    later[0] = 5;
    expect(refusal(later)?.message).toContain("a replica's image cannot be read: format 5 is not known");
    expect(refusal(Uint8Array.of(...image, 0))?.message).toContain('1 bytes stand behind its end');
    expect(refusal(image.subarray(0, -3))?.message).toContain('it ends before its last');
    const parts = [7, 7].map((id) => ({ machine: id as MachineId, state: Uint8Array.of(0) }));
    const empty = { index: 5, time: 1, sessions: [], subscriptions: nobody };
    expect(refusal(encodeImage({ ...empty, parts }))?.message).toContain('machine 7 is out of order');
    const endless = encodeImage({ ...empty, parts: [] });
    expect(refusal(endless.with(endless.length - 1, 9))?.message).toContain('9 is no mark');
  });

  it('an image older than what was applied', () => {
    const replica = replicaOf(log);
    const young = replica.snapshot().slice();
    expect(() => replica.restore(replicaOf([open]).snapshot())).toThrow('InvalidArgument');
    expect(replica.snapshot()).toEqual(young);
  });

  it('a broken state of a machine, registered or not, by its name or id', () => {
    const parts = [{ machine: machineId('ledger'), state: Uint8Array.of(99) }];
    const broken = encodeImage({ index: 2, time: 1, sessions: [], subscriptions: nobody, parts });
    expect(() => held.restore(broken)).toThrow('the state of machine ledger: no kind of value has tag 99');
    expect(held.snapshot()).toEqual(before);
    const bare = new Replica(jsonCodec);
    expect(() => bare.restore(broken)).toThrow(`machine with id ${machineId('ledger')}: no kind of value`);
    expect(bare.appliedIndex).toBe(0);
  });

  it('an event that nobody has, a session that is not there, an id twice', () => {
    const event = { position: { index: 9, ordinal: 0 }, value: new Uint8Array(0) };
    const one = { id: 1 as SubscriptionId, session, seen: 0 };
    const topic = { key: '1/2/', events: [], subscriptions: [one] };
    const empty = { index: 5, time: 1, sessions: [], subscriptions: nobody, parts: [] };
    const owner = { ...replied(), timeoutMs: 1 };
    const sessions = [owner];
    const refused = (...topics: readonly TopicImage[]): string | undefined =>
      refusal(encodeImage({ ...empty, sessions, subscriptions: { topics, ended: [] } }))?.message;
    expect(refusal(encodeImage(empty))).toBeUndefined();
    expect(refused(topic)).toBeUndefined();
    expect(refusal(encodeImage({ ...empty, sessions: [owner, owner] }))?.message).toContain(
      'id 1 is out of order',
    );
    expect(refused({ ...topic, events: [event] })).toContain("behind the image's own index");
    const orphan = encodeImage({ ...empty, subscriptions: { topics: [topic], ended: [] } });
    expect(refusal(orphan)?.message).toContain('session 1, which is not');
    expect(refused({ ...topic, key: 'x' })).toContain('to no event');
    expect(refused({ ...topic, subscriptions: [] })).toContain('that nobody waits for');
    expect(refused({ ...topic, subscriptions: [{ ...one, seen: 1 }] })).toContain('has seen 1 of 0 events');
    expect(refused(topic, { ...topic, key: '1/3/' })).toContain('subscription 1 is there twice');
    expect(refused(topic, topic)).toContain('twice');
    const now = { ...event, position: { index: 5, ordinal: 0 } };
    expect(refused({ ...topic, events: [now, now] })).toContain('event 5.0 stands behind 5.0');
    expect(refusal(encodeImage({ ...empty, time: NaN }))?.message).toContain('NaN is no time');
    expect(refusal(encodeImage({ ...empty, index: 0, sessions }))?.message).toContain('or beyond 0');
    const doubled = encodeImage({ ...empty, sessions: [replied(1, 2)] });
    const last = doubled.lastIndexOf(2);
    expect(refusal(doubled)).toBeUndefined();
    expect(refusal(doubled.with(last, 1))?.message).toContain('two replies to one question');
  });
});
