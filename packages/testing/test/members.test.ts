import type { Clock } from '@decoraft/base';
import type { Cluster } from '@decoraft/client';
import { Member, type MembershipChange, Observer } from '@decoraft/membership';
import { DecoraftError } from '@decoraft/protocol';
import { expect, it, vi } from 'vitest';
import {
  FAULT_KINDS,
  type FaultKind,
  type FaultWeights,
  simulate,
  type WorkloadContext,
} from '../src/index.js';
import { Leases } from './support/leases.js';

// Whole clusters, on cores that others use as well.
vi.setConfig({ testTimeout: 240_000 });

const TIMEOUT_MS = 2_000;
const STEADY = 'client-1';
const SILENT = 'client-2';
const CLIENTS = 3;

/** The world's one time, whoever asks: leases of one process are looked at by others here. */
const worldClock: Clock = {
  now: () => performance.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};

/** A connection on which the beats of a member can be held back, while all else goes through. */
function muteOf(client: Cluster): { readonly cluster: Cluster; isMuted: boolean } {
  const silence = (): Promise<never> => Promise.reject(new DecoraftError('Unavailable', 'muted'));
  const mute = {
    isMuted: false,
    cluster: new Proxy(client, {
      get: (target, name) => {
        const services = { call: silence };
        if (mute.isMuted && name === 'services') return services;
        if (mute.isMuted && name === 'node') return () => ({ services });
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    }),
  };
  return mute;
}

/** A process: a member, and an observer of all. */
interface Player {
  readonly observer: Observer;
  readonly member: Member;
  readonly mute: ReturnType<typeof muteOf>;
  /** What it heard, from the beginning of its observer on. */
  readonly changes: readonly MembershipChange[];
}

/** One member beats all the time, one is silent now and then, one joins and leaves groups. */
class Play {
  readonly players = new Map<string, Player>();
  /** Who believed to be there when others heard that it was offline. */
  readonly deceived: string[] = [];
  readonly #done = new Set<string>();
  readonly #openings = new Map<
    string,
    { readonly observer: Observer; readonly changes: MembershipChange[] }
  >();

  readonly workload = async ({ client, name, random, round, sleep }: WorkloadContext): Promise<void> => {
    const { member, mute } = await this.#player(client, name);
    if (name === SILENT) {
      mute.isMuted = true;
      await sleep(random() * 2 * TIMEOUT_MS);
      mute.isMuted = false;
      await sleep(random() * 2 * TIMEOUT_MS);
    } else if (name !== STEADY) {
      if (random() < 0.5) await member.joinGroup(`group-${round % 3}`);
      else await member.leaveGroup(`group-${round % 3}`);
    }
    await sleep(random() * 200);
  };

  readonly lastRound = async ({ client, name, sleep }: WorkloadContext): Promise<void> => {
    const { member, mute, observer } = await this.#player(client, name);
    if (name === SILENT) {
      mute.isMuted = true;
      while (observer.member(name)?.isOnline) await sleep(50);
      mute.isMuted = false;
      while (!observer.member(name)?.isOnline) await sleep(50);
    }
    this.#done.add(name);
    while (this.#done.size < CLIENTS) await sleep(50);
    const { version } = await member.joinGroup('the end');
    await observer.reached(version);
    await observer.close();
    await member.close();
  };

  async #player(client: Cluster, name: string): Promise<Player> {
    const known = this.players.get(name);
    if (known) return known;
    const { changes, observer } = this.#openings.get(name) ?? (await this.#open(client, name));
    const mute = muteOf(client);
    const options = { id: name, address: name, groups: ['all'], timeoutMs: TIMEOUT_MS, clock: worldClock };
    const member = await Member.join(mute.cluster, options);
    const player: Player = { observer, member, mute, changes };
    this.players.set(name, player);
    return player;
  }

  async #open(client: Cluster, name: string) {
    const observer = await Observer.open(client);
    const changes: MembershipChange[] = [];
    observer.onChange((change) => {
      changes.push(change);
      if (change.kind === 'member-offline')
        this.#mustKnow(change.member.id, change.member.incarnation, change);
    });
    const opening = { observer, changes };
    this.#openings.set(name, opening);
    return opening;
  }

  /** Whoever is offline for others believes no more that it is online, unless it was brought back since then. */
  #mustKnow(id: string, incarnation: number, { version }: MembershipChange): void {
    const member = this.players.get(id)?.member;
    if (member?.incarnation !== incarnation || member.onlineVersion > version) return;
    if (member.lease.isValid)
      throw new Error(`${id} was taken offline at ${version} and believes to be there`);
  }
}

const only = (...kinds: readonly FaultKind[]): FaultWeights =>
  Object.fromEntries(FAULT_KINDS.map((kind) => [kind, kinds.includes(kind) ? 4 : 0]));

/** Those who were taken offline, as one player heard of it. */
const offlineOf = ({ changes }: Player): readonly string[] =>
  changes.flatMap((change) => (change.kind === 'member-offline' ? [change.member.id] : []));

/** Each change once, and in order. */
function expectNoGap({ changes }: Player): void {
  const versions = changes.map(({ version }) => version);
  const [first = 0] = versions;
  expect(versions).toEqual(versions.map((_, at) => first + at));
}

function run(seed: number, play: Play, faults?: FaultWeights): ReturnType<typeof simulate> {
  return simulate({
    seed,
    machines: { leases: () => new Leases() },
    membership: true,
    workload: play.workload,
    lastRound: play.lastRound,
    clients: CLIENTS,
    durationMs: 5_000,
    faultEveryMs: 500,
    ...(faults && { faults }),
  });
}

it('whoever stops beating goes offline, whoever beats again comes online, and no change of the leader takes anybody offline', async () => {
  let deaths = 0;
  let offline = 0;
  for (let seed = 1; seed <= 100; seed++) {
    const play = new Play();
    const faults = only('kill', 'power-cut', 'transfer', 'pause', 'clock-jump', 'slow-disk', 'snapshot');
    const report = await run(seed, play, faults);
    expect([seed, play.deceived]).toEqual([seed, []]);
    deaths += (report.faults['kill'] ?? 0) + (report.faults['power-cut'] ?? 0);
    for (const player of play.players.values()) {
      expectNoGap(player);
      const ids = offlineOf(player);
      expect([seed, ids.filter((id) => id !== SILENT)]).toEqual([seed, []]);
      offline += ids.length;
    }
  }
  expect(deaths).toBeGreaterThan(200);
  expect(offline).toBeGreaterThan(300);
});

it('nobody believes to be a member whom others see offline, whatever goes wrong', async () => {
  let offline = 0;
  for (let seed = 1; seed <= 15; seed++) {
    const play = new Play();
    await run(seed, play);
    expect([seed, play.deceived]).toEqual([seed, []]);
    for (const player of play.players.values()) {
      expectNoGap(player);
      offline += offlineOf(player).length;
    }
  }
  expect(offline).toBeGreaterThan(50);
});
