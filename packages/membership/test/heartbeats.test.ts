import { type Clock, createDeferred, silentLogger, VirtualClock } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { describe, expect, it } from 'vitest';
import { Heartbeats } from '../src/heartbeats/heartbeats.service.js';
import type { HostRaft } from '../src/heartbeats/hosts.js';
import { Vigil } from '../src/heartbeats/vigil.js';
import type { MemberRecord, Silence } from '../src/index.js';

const TIMEOUT_MS = 1_000;
const ADA: MemberRecord = {
  id: 'ada',
  address: 'here:1',
  metadata: {},
  isOnline: true,
  groups: [],
  incarnation: 7,
  timeoutMs: TIMEOUT_MS,
  joinedVersion: 1,
  onlineVersion: 1,
  sinceMs: 0,
};
const LIFE = { id: 'ada', incarnation: 7 };

/** A clock whose process may stand still: then no timer fires, and the time is gone all at once. */
class HaltingClock extends VirtualClock {
  #lostMs = 0;

  override monotonicMs(): number {
    return super.monotonicMs() + this.#lostMs;
  }

  halt(durationMs: number): void {
    this.#lostMs += durationMs;
  }
}

/** A node whose part in its group is set by hand, with one member. */
class Stage {
  readonly clock = new HaltingClock();
  readonly raft: { -readonly [Name in keyof HostRaft]: HostRaft[Name] } = {
    group: 'main',
    isLeader: true,
    term: 3,
    leader: 'n1',
    members: [
      { id: 'n1', address: 'n1:1' },
      { id: 'n2', address: 'n2:1' },
    ],
    register: () => undefined,
    confirmLeadership: (): Promise<number> => Promise.resolve(this.raft.term),
  };
  ada: MemberRecord = ADA;
  readonly reports: { readonly term: number; readonly silent: readonly Silence[] }[] = [];
  /** How reports end. */
  decide = (): Promise<void> => Promise.resolve();
  readonly passedOn: string[] = [];
  readonly vigil: Vigil;
  readonly heartbeats: Heartbeats;

  constructor() {
    const registry = {
      version: 9,
      record: (id: string) => (id === 'ada' ? this.ada : undefined),
      online: () => (this.ada.isOnline ? [this.ada] : []),
    };
    const clock: Clock = this.clock;
    this.vigil = new Vigil({
      raft: this.raft,
      registry,
      clock,
      logger: silentLogger,
      report: (term, silent) => {
        this.reports.push({ term, silent });
        return this.decide();
      },
    });
    this.heartbeats = new Heartbeats({
      raft: this.raft,
      registry,
      vigil: this.vigil,
      bringBack: () => {
        this.ada = { ...this.ada, isOnline: true, onlineVersion: 12 };
        return Promise.resolve();
      },
      passOn: (address) => {
        this.passedOn.push(address);
        return Promise.resolve({ kind: 'heard', version: 9, onlineVersion: 1, leader: address });
      },
    });
    this.vigil.start();
  }
}

describe('the watch over beats', () => {
  it('reports who was silent for longer than its timeout, with when it was seen', () => {
    const stage = new Stage();
    stage.clock.advance(500);
    void stage.vigil.heard(LIFE);
    stage.clock.advance(TIMEOUT_MS);
    expect(stage.reports).toEqual([]);
    stage.clock.advance(200);
    const silence = { ...LIFE, onlineVersion: 1, lastSeenMs: 500 };
    expect(stage.reports).toEqual([{ term: 3, silent: [silence] }]);
  });

  it('begins anew with a term of its own: what was heard in another one counts for nobody and against nobody', () => {
    const stage = new Stage();
    stage.clock.advance(TIMEOUT_MS);
    stage.raft.term = 4;
    stage.raft.isLeader = false;
    stage.clock.advance(5 * TIMEOUT_MS);
    stage.raft.isLeader = true;
    stage.raft.term = 5;
    stage.clock.advance(TIMEOUT_MS);
    expect(stage.reports).toEqual([]);
    stage.clock.advance(600);
    expect(stage.reports).toMatchObject([{ term: 5 }]);
  });

  it('concludes nothing from a time in which this process stood still', () => {
    const stage = new Stage();
    stage.clock.advance(400);
    stage.clock.halt(60_000);
    stage.clock.advance(400);
    expect(stage.reports).toEqual([]);
  });

  it('reports nobody twice at a time, and again when a report came to nothing', async () => {
    const stage = new Stage();
    const decision = createDeferred<void>();
    stage.decide = () => decision.promise;
    stage.clock.advance(5 * TIMEOUT_MS);
    expect(stage.reports.length).toBe(1);
    decision.reject(new DecoraftError('Unavailable', 'no session'));
    await stage.vigil.heard({ id: 'ada', incarnation: 6 });
    stage.clock.advance(200);
    expect(stage.reports.length).toBe(2);
  });

  it('takes no beat of an earlier life for one of this', () => {
    const stage = new Stage();
    for (let ms = 0; ms < TIMEOUT_MS; ms += 100) {
      stage.clock.advance(100);
      void stage.vigil.heard({ id: 'ada', incarnation: 6 });
    }
    stage.clock.advance(400);
    expect(stage.reports.length).toBe(1);
  });
});

describe('a beat', () => {
  it('is heard by the leader, once its leadership was confirmed', async () => {
    const { heartbeats } = new Stage();
    const heard = { kind: 'heard', version: 9, onlineVersion: 1, leader: 'n1:1' };
    expect(await heartbeats.beat(LIFE)).toEqual(heard);
  });

  it('is not heard by who cannot confirm that it leads: another one may count from earlier on', async () => {
    const { heartbeats, raft } = new Stage();
    raft.confirmLeadership = () => Promise.reject(new DecoraftError('NotLeader', 'no more'));
    await expect(heartbeats.beatHere(LIFE)).rejects.toMatchObject({ code: 'NotLeader' });
  });

  it('is not heard when the term ends while something is decided about the member', async () => {
    const stage = new Stage();
    const decision = createDeferred<void>();
    stage.decide = () => decision.promise;
    stage.clock.advance(2 * TIMEOUT_MS);
    const answer = stage.heartbeats.beatHere(LIFE);
    stage.raft.isLeader = false;
    decision.reject(new DecoraftError('NotLeader', 'the term is over'));
    await expect(answer).rejects.toMatchObject({ code: 'NotLeader', data: { leaderAddress: 'n1:1' } });
  });

  it('of who is being taken offline is answered when that is decided, and brings it back', async () => {
    const stage = new Stage();
    const decision = createDeferred<void>();
    stage.decide = () => decision.promise;
    stage.clock.advance(2 * TIMEOUT_MS);
    expect(stage.reports.length).toBe(1);
    const answer = stage.heartbeats.beatHere(LIFE);
    stage.ada = { ...ADA, isOnline: false };
    decision.resolve();
    expect(await answer).toMatchObject({ kind: 'heard', onlineVersion: 12 });
  });

  it('of a life that is over hears that it was replaced, and that of nobody that it is gone', async () => {
    const { heartbeats } = new Stage();
    expect(await heartbeats.beat({ id: 'ada', incarnation: 6 })).toEqual({ kind: 'replaced', version: 9 });
    expect(await heartbeats.beat({ id: 'eve', incarnation: 6 })).toEqual({ kind: 'gone', version: 9 });
  });

  it('that came to a follower is passed on to the leader, once', async () => {
    const stage = new Stage();
    stage.raft.isLeader = false;
    stage.raft.leader = 'n2';
    await stage.heartbeats.beat(LIFE);
    expect(stage.passedOn).toEqual(['n2:1']);
    const refused = { code: 'NotLeader', data: { leaderAddress: 'n2:1' } };
    await expect(stage.heartbeats.beatHere(LIFE)).rejects.toMatchObject(refused);
    stage.raft.leader = undefined;
    await expect(stage.heartbeats.beat(LIFE)).rejects.toMatchObject({ code: 'NotLeader', data: {} });
  });
});
