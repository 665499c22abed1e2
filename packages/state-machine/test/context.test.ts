import { encodeProposal, type Proposal, type SessionId, stampProposal } from '@decoraft/protocol';
import { expect, it } from 'vitest';
import { cmd, type CommandContext, defineOperations, Replica, StateMachine } from '../src/index.js';
import { call, jsonCodec, tableOf } from './fixtures.js';

type Seen = Omit<CommandContext, 'random'> & { readonly random: readonly number[] };

/** Keeps what its commands see, once when they are called and once when their timer fires. */
class Witness extends StateMachine {
  readonly seen: Seen[] = [];

  @cmd look(): void {
    const { index, random, session, term, time, version } = this.context;
    this.seen.push({ index, term, time, version, session, random: [random(), random()] });
    if (session !== undefined) this.schedule(5, 'look');
  }
}
defineOperations(Witness, tableOf('Witness', { look: ['cmd'] }));

function replicaWith(witness: Witness): Replica {
  const replica = new Replica(jsonCodec);
  replica.register('witness', witness);
  return replica;
}

/** Also back: the clock of a leader may. */
const stampOf = (at: number): number => 1_000 + 4 * at - (at % 3 === 0 ? 30 : 0);

/** Three replicas of one log: two from its beginning, one from an image that was taken on the way. */
function witnesses(): readonly (readonly Seen[])[] {
  const machines = [new Witness(), new Witness(), new Witness()];
  const [one, other, late] = machines.map(replicaWith);
  if (!one || !other || !late) throw new Error('there are three');
  const apply = (proposal: Proposal, at: number, time: number, replicas: readonly Replica[]): void => {
    const entry = { index: at, term: 1 + (at >> 2), data: stampProposal(time, encodeProposal(proposal)) };
    for (const replica of replicas) replica.apply(entry);
  };
  apply({ kind: 'open-session', timeoutMs: 5_000 }, 1, 1_000, [one, other]);
  apply({ kind: 'open-session', timeoutMs: 5_000 }, 2, 1_000, [one, other]);
  for (let at = 3; at < 13; at++) {
    if (at === 8) late.restore(one.snapshot());
    const origin = { session: (1 + (at & 1)) as SessionId, sequence: at, acknowledged: 0 };
    const proposal: Proposal = { kind: 'command', origin, ...call('witness', 'look') };
    apply(proposal, at, stampOf(at), at < 8 ? [one, other] : [one, other, late]);
  }
  return machines.map(({ seen }) => seen);
}

const all = witnesses();
const seen = all[0] ?? [];
const called = seen.filter(({ session }) => session !== undefined);
const fired = seen.filter(({ session }) => session === undefined);

it.each(['time', 'random', 'index', 'term', 'session'] as const)(
  '%s is the same on every replica, also on one that was restored, for commands and for timers',
  (what) => {
    expect(called).toHaveLength(10);
    expect(fired.length).toBeGreaterThan(3);
    for (const others of all) expect(others.map((one) => one[what])).toEqual(seen.map((one) => one[what]));
  },
);

it('what a command sees is that of its entry', () => {
  expect(called.map(({ index }) => index)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  expect(called.map(({ term }) => term)).toEqual([1, 2, 2, 2, 2, 3, 3, 3, 3, 4]);
  expect(called.map(({ session }) => session)).toEqual([2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
  const stamps = called.map(({ index }) => stampOf(index));
  const latest = stamps.map((_, at) => Math.max(1_000, ...stamps.slice(0, at + 1)));
  expect(called.map(({ time }) => time)).toEqual(latest);
  const chances = seen.flatMap(({ random }) => random);
  expect(new Set(chances).size).toBe(chances.length);
  for (const chance of chances) expect(chance >= 0 && chance < 1).toBe(true);
});
