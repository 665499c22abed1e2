import type { SessionId, SubscriptionId } from '@decoraft/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MapChange, type MapPage, ReplicatedMap, type SetOptions } from '../../src/index.js';
import { anyData } from '../support/any-data.js';
import { MachineLog } from '../support/machine-log.js';
import { MapTwin } from '../support/map-twin.js';

const KEYS = ['', 'a', 'a/', 'a/1', 'a/2', 'a/2/x', 'b', 'b/1', '\u{1f600}', '__proto__'] as const;
const PREFIXES = ['', 'a', 'a/', 'a/2', 'b/', 'c'] as const;

const anyKey = fc.constantFrom(...KEYS);
const anyOptions: fc.Arbitrary<SetOptions> = fc.record(
  { ttlMs: fc.integer({ min: 1, max: 300 }), ephemeral: fc.boolean() },
  { requiredKeys: [] },
);

/** Who does it is any of those who are there; `who` and `which` count them round. */
const anyStep = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('set'),
      who: fc.nat(4),
      key: anyKey,
      value: anyData,
      options: anyOptions,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('compareAndSet'),
      who: fc.nat(4),
      key: anyKey,
      expected: fc.option(anyData, { nil: undefined }),
      value: anyData,
      options: anyOptions,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('setIfVersion'),
      who: fc.nat(4),
      key: anyKey,
      /** From the version that it has. */
      offset: fc.constantFrom(0, 0, 1, -1),
      value: anyData,
      options: anyOptions,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('delete'), who: fc.nat(4), key: anyKey }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('deleteIfVersion'),
      who: fc.nat(4),
      key: anyKey,
      offset: fc.constantFrom(0, 1),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('touch'),
      who: fc.nat(4),
      key: anyKey,
      ttlMs: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait'), durationMs: fc.nat(120) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass'), durationMs: fc.nat(120) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear'), who: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('open'), who: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('end'), who: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('join') }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('listen'), who: fc.nat(4), key: anyKey }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('watch'),
      who: fc.nat(4),
      prefix: fc.constantFrom(...PREFIXES),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unwatch'), who: fc.nat(4), which: fc.nat(6) }) },
);
type Step = typeof anyStep extends fc.Arbitrary<infer One> ? One : never;

interface Listening {
  readonly session: SessionId;
  readonly subscription: SubscriptionId;
  readonly hears: (change: MapChange) => boolean;
  readonly expected: MapChange[];
}

interface Watch {
  readonly id: number;
  readonly session: SessionId;
  readonly prefix: string;
}

/** A map and its twin, which are told the same. */
class Pair {
  readonly log = new MachineLog(() => new ReplicatedMap());
  readonly twin = new MapTwin((change) => {
    for (const { expected, hears } of this.#listening) if (hears(change)) expected.push(change);
  });
  #sessions: SessionId[] = [this.log.open(), this.log.open()];
  #listening: Listening[] = [];
  #watches: Watch[] = [];

  mustBeEqual(): void {
    const { log, twin } = this;
    const entries = twin.shown();
    expect(log.query('size')).toBe(entries.length);
    for (const key of KEYS) {
      expect(log.query('get', key)).toEqual(twin.entries.get(key)?.value);
      expect(log.query('has', key)).toBe(twin.entries.has(key));
      expect(log.query('getEntry', key)).toEqual(entries.find((entry) => entry.key === key));
    }
    for (const prefix of PREFIXES) {
      const expected = entries.filter(({ key }) => key.startsWith(prefix));
      for (const limit of [1, 2, 1_000]) expect(this.#pages(prefix, limit)).toEqual(expected);
    }
    for (const { expected, subscription } of this.#listening)
      expect(log.heard(subscription)).toEqual(expected);
    expect(log.timers).toBe(entries.filter(({ expiresAtMs }) => expiresAtMs !== undefined).length);
    log.mustAgree();
  }

  /** What a replica that was restored has computed again shows when everything is touched. */
  shake(): void {
    this.take({ kind: 'join' });
    for (const [at, key] of KEYS.entries()) {
      const options = at % 2 === 0 ? { ephemeral: true } : {};
      this.take({ kind: 'set', who: at % 2, key, value: at, options });
    }
    this.take({ kind: 'end', who: 0 });
  }

  #pages(prefix: string, limit: number): unknown {
    const found: unknown[] = [];
    let after: { after?: string } = {};
    for (;;) {
      const { entries, next } = this.log.query('entriesPage', { prefix, limit, ...after }) as MapPage;
      const { keys, next: nextKey } = this.log.query('keysPage', { prefix, limit, ...after }) as {
        readonly keys: readonly string[];
        readonly next?: string;
      };
      expect(keys).toEqual(entries.map(({ key }) => key));
      expect(nextKey).toBe(next);
      expect(entries.length).toBeLessThanOrEqual(limit);
      found.push(...entries);
      if (next === undefined) return found;
      after = { after: next };
    }
  }

  #who(who: number): SessionId {
    const session = this.#sessions[who % this.#sessions.length];
    if (session === undefined) throw new Error('nobody is there');
    return session;
  }

  take(step: Step): void {
    const { log, twin } = this;
    if (step.kind === 'wait') return log.wait(step.durationMs);
    if (step.kind === 'join') return log.join();
    if (step.kind === 'pass') {
      log.pass(step.durationMs);
      return twin.advance(log.timeMs);
    }
    twin.advance(log.timeMs);
    if (step.kind === 'open') return void this.#sessions.push(log.open());
    const session = this.#who(step.who);
    switch (step.kind) {
      case 'set':
        expect(log.command(session, 'set', step.key, step.value, step.options)).toEqual(
          twin.set(session, step.key, step.value, step.options),
        );
        return;
      case 'compareAndSet': {
        const { expected, key, options, value } = step;
        const isEqual = twin.isEqual(key, expected);
        expect(log.command(session, 'compareAndSet', key, expected, value, options)).toBe(isEqual);
        if (isEqual) twin.set(session, key, value, options);
        return;
      }
      case 'setIfVersion': {
        const { key, offset, options, value } = step;
        const version = twin.versionOf(key) + offset;
        const set = log.command(session, 'setIfVersion', key, version, value, options);
        if (offset === 0) twin.set(session, key, value, options);
        expect(set).toBe(offset === 0 ? twin.versionOf(key) : undefined);
        return;
      }
      case 'delete':
        expect(log.command(session, 'delete', step.key)).toEqual(twin.remove(step.key, 'deleted'));
        return;
      case 'deleteIfVersion': {
        const version = twin.versionOf(step.key);
        const isThere = version > 0 && step.offset === 0;
        expect(log.command(session, 'deleteIfVersion', step.key, version + step.offset)).toBe(isThere);
        if (isThere) twin.remove(step.key, 'deleted');
        return;
      }
      case 'touch': {
        const args: readonly unknown[] = step.ttlMs === undefined ? [step.key] : [step.key, step.ttlMs];
        expect(log.command(session, 'touch', ...args)).toBe(twin.touch(step.key, step.ttlMs));
        return;
      }
      case 'clear':
        expect(log.command(session, 'clear')).toBe(twin.clear());
        return;
      case 'end':
        return this.#end(session);
      case 'listen':
        return this.#listen(session, 'onChanged', step.key, ({ key }) => key === step.key);
      case 'watch':
        return this.#watch(session, step.prefix);
      default:
        return this.#unwatch(session, step.which);
    }
  }

  #listen(session: SessionId, event: string, parameter: string, hears: Listening['hears']): void {
    const subscription = this.log.subscribe(session, event, parameter);
    this.#listening = [...this.#listening, { session, subscription, hears, expected: [] }];
  }

  /** First the watch, then the subscription: what happens between goes to nobody. */
  #watch(session: SessionId, prefix: string): void {
    const id = this.log.command(session, 'watch', prefix) as number;
    this.#watches.push({ id, session, prefix });
    this.#listen(session, 'onPrefixChanged', prefix, ({ key }) => {
      return key.startsWith(prefix) && this.#watches.some((watch) => watch.prefix === prefix);
    });
  }

  #unwatch(session: SessionId, which: number): void {
    const watch = this.#watches[which % Math.max(1, this.#watches.length)];
    if (!watch) return this.log.pass(0);
    const isOwn = watch.session === session;
    expect(this.log.command(session, 'unwatch', watch.id)).toBe(isOwn);
    if (isOwn) this.#watches = this.#watches.filter((other) => other !== watch);
  }

  #end(session: SessionId): void {
    if (this.#sessions.length === 1) return this.log.pass(0);
    this.#sessions = this.#sessions.filter((other) => other !== session);
    this.log.end(session);
    this.#watches = this.#watches.filter((watch) => watch.session !== session);
    this.#listening = this.#listening.filter((listening) => listening.session !== session);
    this.twin.end([session]);
  }
}

describe('a replicated map', () => {
  it('is what a plain map is, with time, sessions, pages and watches, whatever is done and restored between', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
        const pair = new Pair();
        for (const step of steps) pair.take(step);
        pair.mustBeEqual();
        pair.shake();
        pair.mustBeEqual();
      }),
      { numRuns: 150 },
    );
  });

  it('notifies of a prefix as long as the session lives that watches it, and of what is removed with it', () => {
    const log = new MachineLog(() => new ReplicatedMap());
    const [ann, bob] = [log.open(), log.open()];
    const heard = log.subscribe(bob, 'onPrefixChanged', 'a/');
    log.command(ann, 'set', 'a/1', 'unheard');
    log.command(ann, 'watch', 'a/');
    log.join();
    log.command(ann, 'set', 'a/2', 'heard', { ephemeral: true });
    log.command(bob, 'watch', 'a');
    log.end(ann);
    log.command(bob, 'set', 'a/3', 'unheard');
    expect(log.heard(heard)).toEqual([{ kind: 'set', key: 'a/2', value: 'heard', version: 2 }]);
    expect(log.query('has', 'a/2')).toBe(false);
    log.mustAgree();
  });

  it('notifies of prefixes in one order, whichever was watched first and is watched still', () => {
    const log = new MachineLog(() => new ReplicatedMap());
    const session = log.open();
    for (const prefix of ['a/', 'a']) log.subscribe(session, 'onPrefixChanged', prefix);
    const first = log.command(session, 'watch', 'a/');
    log.command(session, 'watch', 'a');
    log.command(session, 'watch', 'a/');
    log.command(session, 'unwatch', first);
    log.join();
    // The log holds that all replicas tell the same, in the same order.
    log.command(session, 'set', 'a/1', 1);
    log.mustAgree();
  });

  it('removes in order what belongs to a session, in whichever order it came', () => {
    const log = new MachineLog(() => new ReplicatedMap());
    const [ann, bob] = [log.open(), log.open()];
    log.command(bob, 'watch', '');
    const heard = log.subscribe(bob, 'onPrefixChanged', '');
    for (const key of ['c', 'a', 'b']) log.command(ann, 'set', key, 1, { ephemeral: true });
    log.command(bob, 'set', 'a', 1);
    log.command(ann, 'set', 'a', 2, { ephemeral: true });
    log.command(bob, 'set', 'b', 2);
    log.end(ann);
    const removed = log.heard(heard).slice(-2) as readonly MapChange[];
    expect(removed.map(({ key, kind }) => [kind, key])).toEqual([
      ['removed', 'a'],
      ['removed', 'c'],
    ]);
    expect(log.query('get', 'b')).toBe(2);
  });

  it.each<[string, string, readonly unknown[]]>([
    ['a long key', 'set', ['k'.repeat(1_025), 1]],
    ['a long prefix', 'watch', ['k'.repeat(1_025)]],
    ['no time to live', 'set', ['a', 1, { ttlMs: 0 }]],
    ['a time to live without an end', 'set', ['a', 1, { ttlMs: Infinity }]],
    ['a touch that takes time away', 'touch', ['a', -1]],
    ['an expiry that nobody is to ask for', 'expire', ['a']],
  ])('refuses %s, and changes nothing', (_, name, args) => {
    const log = new MachineLog(() => new ReplicatedMap());
    const session = log.open();
    const before = { ttlMs: 50 };
    log.command(session, 'set', 'a', 'kept', before);
    expect(() => log.command(session, name, ...args)).toThrow(expectData('InvalidArgument'));
    expect([log.query('get', 'a'), log.query('size'), log.timers]).toEqual(['kept', 1, 1]);
    log.pass(50);
    expect(log.query('size')).toBe(0);
  });

  it.each([0, 1_001, 1.5])('refuses a page of %d', (limit) => {
    const log = new MachineLog(() => new ReplicatedMap());
    expect(() => log.query('entriesPage', { limit })).toThrow(expectData('InvalidArgument'));
    expect(() => log.query('keysPage', { limit })).toThrow(expectData('InvalidArgument'));
  });

  it('keeps an entry that is touched as long as it is', () => {
    const log = new MachineLog(() => new ReplicatedMap());
    const session = log.open();
    log.command(session, 'set', 'a', 1, { ttlMs: 100 });
    for (let round = 0; round < 5; round++) {
      log.pass(90);
      expect(log.command(session, 'touch', 'a')).toBe(true);
    }
    log.pass(99);
    expect(log.query('has', 'a')).toBe(true);
    log.pass(1);
    expect(log.query('has', 'a')).toBe(false);
  });
});

function expectData(code: string): Error {
  return expect.objectContaining({ data: expect.objectContaining({ code }) as unknown }) as Error;
}
