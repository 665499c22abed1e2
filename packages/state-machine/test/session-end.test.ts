import { encodeProposal, machineId, type Proposal, type SessionId, stampProposal } from '@decoraft/protocol';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Applied,
  cmd,
  defineOperations,
  event,
  Replica,
  StateMachine,
  sub,
  withoutClients,
} from '../src/index.js';
import { valueOf } from './alarm.js';
import { call, jsonCodec, tableOf } from './fixtures.js';

/** Names that belong to sessions, and what became of them. */
class Claims extends StateMachine {
  readonly owners = new Map<string, SessionId>();
  readonly heard: unknown[] = [];
  readonly failing = new Set<SessionId>();

  @sub onReleased = event<(name: string) => number>();

  @cmd claim(name: string): boolean {
    const { session } = this.context;
    if (this.owners.has(name) || session === undefined) return false;
    this.owners.set(name, session);
    return true;
  }

  /** The end of this session is to fail, after all that it does. */
  @cmd plant(): void {
    const { session } = this.context;
    if (session !== undefined) this.failing.add(session);
  }

  @cmd later(session: number): void {
    this.heard.push(`later ${session}`);
  }

  override sessionEnded(session: SessionId): void {
    const { index, random, session: who, term, time } = this.context;
    this.heard.push({ session, who, index, term, time, chance: random() });
    for (const [name, owner] of this.owners) {
      if (owner !== session) continue;
      this.owners.delete(name);
      this.onReleased(name).notify(session);
    }
    this.schedule(100, 'later', session);
    if (this.failing.delete(session)) throw new Error('as planted');
  }
}
const text = { kind: 'string' } as const;
defineOperations(
  Claims,
  tableOf('Claims', {
    onReleased: ['sub', text],
    claim: ['cmd', text],
    plant: ['cmd'],
    later: ['cmd', { kind: 'number' }],
  }),
);

class Silent extends StateMachine {
  @cmd act(): void {}
}
defineOperations(Silent, tableOf('Silent', { act: ['cmd'] }));

const NAMES = ['first', 'second'] as const;

class World {
  readonly machines = new Map<Replica, ReadonlyMap<string, Claims>>();
  readonly replicas: Replica[] = [];
  readonly #sequences = new Map<SessionId, number>();
  index = 0;
  time = 1_000;

  /** @param names In the order of registration, which is not to matter. */
  join(names: readonly string[] = NAMES): Replica {
    const replica = new Replica(jsonCodec);
    const machines = new Map(names.map((name) => [name, new Claims()]));
    replica.register('silent', new Silent());
    for (const [name, machine] of machines) replica.register(name, machine);
    this.machines.set(replica, machines);
    const [first] = this.replicas;
    if (first) replica.restore(first.snapshot());
    this.replicas.push(replica);
    return replica;
  }

  append(proposal: Proposal): Applied {
    this.index += 1;
    const entry = { index: this.index, term: 2, data: stampProposal(this.time, encodeProposal(proposal)) };
    const [applied, ...others] = this.replicas.map((replica) => replica.apply(entry));
    if (!applied) throw new Error('nobody is here');
    for (const other of others) expect(other).toEqual(applied);
    return applied;
  }

  open(): SessionId {
    const session = this.append({ kind: 'open-session', timeoutMs: 5_000 }).index as SessionId;
    this.#sequences.set(session, 0);
    return session;
  }

  ask(session: SessionId, kind: 'command' | 'subscribe', machine: string, name: string, ...args: unknown[]) {
    const sequence = (this.#sequences.get(session) ?? 0) + 1;
    this.#sequences.set(session, sequence);
    return this.append({
      kind,
      origin: { session, sequence, acknowledged: 0 },
      ...call(machine, name, ...args),
    });
  }

  of(name: string, replica = this.replicas[0]): Claims {
    const machine = replica && this.machines.get(replica)?.get(name);
    if (!machine) throw new Error(`no ${name}`);
    return machine;
  }

  agree(): void {
    const [first, ...others] = this.replicas;
    for (const other of others) expect(other.stateHash()).toBe(first?.stateHash());
  }
}

let world: World;

beforeEach(() => {
  world = new World();
  world.join();
  world.join([...NAMES].toReversed());
});

describe('a session that ends', () => {
  it.each<[string, (session: SessionId) => Proposal]>([
    ['closed by its client', (session) => ({ kind: 'close-session', session })],
    ['not heard of for its timeout', (session) => ({ kind: 'expire-sessions', sessions: [session] })],
  ])('is told to every machine, at the entry that ends it, %s', (_, ending) => {
    const [ann, bob] = [world.open(), world.open()];
    world.ask(ann, 'command', 'first', 'claim', 'a');
    world.ask(ann, 'command', 'second', 'claim', 'b');
    world.ask(bob, 'command', 'first', 'claim', 'c');
    world.time = 3_000;
    const { index } = world.append(ending(ann));
    expect([...world.of('first').owners]).toEqual([['c', bob]]);
    expect([...world.of('second').owners]).toEqual([]);
    for (const name of NAMES) {
      expect(world.of(name).heard).toMatchObject([{ session: ann, who: ann, index, term: 2, time: 3_000 }]);
    }
    const [one, other] = NAMES.map((name) => world.of(name).heard[0] as { chance: number });
    expect(one?.chance).not.toBe(other?.chance);
    world.agree();
  });

  it('is told to machines in one order, however they were registered', () => {
    const ann = world.open();
    const byId = NAMES.toSorted((left, right) => machineId(left) - machineId(right));
    for (const name of NAMES) world.ask(ann, 'command', name, 'plant');
    const { effects } = world.append({ kind: 'close-session', session: ann });
    expect(effects?.map((effect) => 'machine' in effect && effect.machine)).toEqual(byId);
  });

  it('is told once, however often it is ended, and never when it did not begin', () => {
    const ann = world.open();
    world.append({ kind: 'close-session', session: ann });
    world.append({ kind: 'close-session', session: ann });
    world.append({ kind: 'expire-sessions', sessions: [ann, 77 as SessionId] });
    expect(world.of('first').heard).toHaveLength(1);
  });

  it('is not told to a machine that is registered later', () => {
    const ann = world.open();
    world.append({ kind: 'close-session', session: ann });
    const late = new Claims();
    world.replicas[0]?.register('late', late);
    world.replicas.splice(1);
    world.append({ kind: 'close-session', session: ann });
    expect(late.heard).toEqual([]);
    const bob = world.open();
    world.append({ kind: 'close-session', session: bob });
    expect(late.heard).toMatchObject([{ session: bob }]);
  });

  it('has no subscriptions by then: others hear of what its end notifies', () => {
    const [ann, bob] = [world.open(), world.open()];
    world.ask(ann, 'subscribe', 'first', 'onReleased', 'a');
    const { index: id } = world.ask(bob, 'subscribe', 'first', 'onReleased', 'a');
    world.ask(ann, 'command', 'first', 'claim', 'a');
    const { index, news } = world.append({ kind: 'close-session', session: ann });
    expect(news?.map(({ kind }) => kind)).toEqual(['session-over', 'events']);
    const [left, ...more] = [...(world.replicas[0]?.subscriptions.all() ?? [])];
    expect(more).toEqual([]);
    expect(left).toMatchObject({ id, session: bob });
    expect(left?.pending.map(({ position, value }) => [position, jsonCodec.decode(value)])).toEqual([
      [{ index, ordinal: 0 }, ann],
    ]);
  });

  it('may have timers set, and ends behind those that are due', () => {
    const [ann, bob] = [world.open(), world.open()];
    world.append({ kind: 'close-session', session: ann });
    world.time = 2_000;
    world.append({ kind: 'close-session', session: bob });
    expect(world.of('first').heard.slice(1)).toEqual([
      `later ${ann}`,
      expect.objectContaining({ session: bob }),
    ]);
  });
});

describe('what a machine throws when a session ends', () => {
  it('is told as an effect; the session has ended, and the other machines and sessions do not suffer', () => {
    const [ann, bob] = [world.open(), world.open()];
    const { index: id } = world.ask(bob, 'subscribe', 'first', 'onReleased', 'a');
    world.ask(ann, 'command', 'first', 'plant');
    for (const name of NAMES) world.ask(ann, 'command', name, 'claim', 'a');
    const { effects, index, outcome } = world.append({ kind: 'close-session', session: ann });
    expect(valueOf(outcome)).toBeUndefined();
    expect(effects).toEqual([
      {
        kind: 'session-end-failed',
        index,
        machine: 'first',
        session: ann,
        code: 'CommandRejected',
        message: 'first.sessionEnded: as planted',
      },
    ]);
    for (const name of NAMES) expect([...world.of(name).owners]).toEqual([]);
    const [left] = [...(world.replicas[0]?.subscriptions.all() ?? [])];
    expect([left?.id, left?.pending.length]).toEqual([id, 0]);
    expect(valueOf(world.ask(bob, 'command', 'first', 'claim', 'a').outcome)).toBe(true);
    expect(world.replicas.map((replica) => replica.sessions.get(ann))).toEqual([undefined, undefined]);
    world.agree();
  });

  it('is a promise, where types were bypassed, that is told in the same way', () => {
    const ann = world.open();
    for (const replica of world.replicas) {
      const machine = world.of('first', replica);
      Object.defineProperty(machine, 'sessionEnded', { value: () => Promise.resolve(), enumerable: false });
    }
    const { effects } = world.append({ kind: 'close-session', session: ann });
    expect(effects).toMatchObject([
      { message: 'first.sessionEnded returned a promise: it must be synchronous' },
    ]);
  });
});

describe('a group that is restored from a backup', () => {
  it('lets go of what it holds for the sessions that stayed behind, at the first entry', async () => {
    const ann = world.open();
    world.ask(ann, 'command', 'first', 'claim', 'a');
    const image = world.replicas[0]?.snapshot() ?? new Uint8Array(0);
    async function* whole(): AsyncGenerator<Uint8Array> {
      yield image;
    }
    const restored = new World();
    for (const names of [NAMES, [...NAMES].toReversed()])
      await restored.join(names).restoreFrom(withoutClients(whole(), 500));
    restored.index = 500;
    expect([...restored.of('first').owners]).toEqual([['a', ann]]);
    const again = restored.join();
    expect(again.appliedIndex).toBe(500);
    const { index } = restored.append({ kind: 'advance-time' });
    expect([...restored.of('first').owners]).toEqual([]);
    expect(restored.of('first').heard).toMatchObject([{ session: ann, index }]);
    restored.append({ kind: 'advance-time' });
    expect(restored.of('first').heard).toHaveLength(1);
    restored.agree();
  });

  it('does not take for one of these a session that its client wants without a timeout', () => {
    const session = world.append({ kind: 'open-session', timeoutMs: 0 }).index as SessionId;
    world.join();
    world.append({ kind: 'advance-time' });
    expect(world.replicas.map((replica) => replica.sessions.get(session)?.timeoutMs)).toEqual([1, 1, 1]);
  });
});

interface Step {
  readonly kind: 'open' | 'claim' | 'plant' | 'close' | 'expire' | 'pass' | 'join';
  readonly who: number;
  readonly name: string;
}

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('open', 'claim', 'claim', 'claim', 'plant', 'close', 'expire', 'pass', 'join'),
  who: fc.nat(6),
  name: fc.constantFrom('a', 'b', 'c', 'd'),
});

it('names belong to sessions that live, as in a map beside, whatever ends, fails and is restored between', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
      world = new World();
      world.join();
      world.join([...NAMES].toReversed());
      let alive: SessionId[] = [world.open()];
      const twin = new Map<string, SessionId>();
      const end = (gone: readonly SessionId[]): void => {
        alive = alive.filter((session) => !gone.includes(session));
        for (const [name, owner] of twin) if (gone.includes(owner)) twin.delete(name);
      };
      for (const { kind, name, who } of steps) {
        world.time += 40;
        const session = alive[who % Math.max(1, alive.length)];
        if (kind === 'open') alive.push(world.open());
        else if (kind === 'pass') world.append({ kind: 'advance-time' });
        else if (kind === 'join' && world.replicas.length < 5) world.join();
        else if (session === undefined) continue;
        else if (kind === 'plant') world.ask(session, 'command', 'first', 'plant');
        else if (kind === 'claim') {
          const { outcome } = world.ask(session, 'command', 'first', 'claim', name);
          expect(valueOf(outcome)).toBe(!twin.has(name));
          if (!twin.has(name)) twin.set(name, session);
        } else if (kind === 'close') {
          world.append({ kind: 'close-session', session });
          end([session]);
        } else if (kind === 'expire') {
          const sessions = alive.slice(who % alive.length);
          world.append({ kind: 'expire-sessions', sessions });
          end(sessions);
        }
        for (const replica of world.replicas) expect(world.of('first', replica).owners).toEqual(twin);
      }
      world.agree();
    }),
    { numRuns: 100 },
  );
});
