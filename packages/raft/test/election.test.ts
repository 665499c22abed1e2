import { seededRandom } from '@decoraft/base';
import { describe, expect, test } from 'vitest';
import { configurationOf, index, type Message, NOBODY, nodeId, term } from '../src/index.js';
import { Cluster, type ClusterOptions } from './support/cluster.js';
import { messageOf } from './support/message-words.js';
import type { Disk } from './support/memory-log.js';
import { Server } from './support/server.js';

const THREE = ['a', 'b', 'c'];

function serverOf(options: ClusterOptions = {}, names = THREE, disks: Record<string, Disk> = {}): Server {
  return new Cluster(names, options, disks).server('a');
}

/** Server a, where only others are voters. */
function outsiderOf(...voters: readonly string[]): Server {
  return new Server(nodeId('a'), {
    electionTicks: 10,
    heartbeatTicks: 1,
    // Its waits are as short as waits can be.
    random: () => 0,
    configuration: configurationOf({ voters: voters.map(nodeId) }),
  });
}

/** Steps a message written as in a script, and gives all that the server says to it once it is durable. */
function say(server: Server, arrow: string, ...words: readonly string[]): readonly Message[] {
  server.raft.step(messageOf(arrow, words));
  return work(server);
}

function work(server: Server): readonly Message[] {
  const said: Message[] = [];
  while (server.raft.hasReady()) said.push(...server.take().messages);
  while (server.writing.length > 0) said.push(...server.finishWrite());
  return said;
}

/** Ticks until the server campaigns. */
function ticksToCampaign(server: Server, limit: number): number {
  for (let tick = 1; tick <= limit; tick++) {
    server.raft.tick();
    if (server.status.role !== 'follower') return tick;
  }
  throw new Error(`no campaign within ${limit} ticks`);
}

describe('terms (§5.1)', () => {
  test.each([
    ['vote-request'],
    ['append-request'],
    ['heartbeat'],
    ['append-response'],
    ['heartbeat-response'],
  ])('every role enters the later term of a %s as a follower', (kind) => {
    for (const role of ['follower', 'candidate', 'leader']) {
      const server = serverOf({ preVote: false, checkQuorum: false });
      if (role !== 'follower') {
        server.raft.campaign();
        work(server);
      }
      if (role === 'leader') say(server, 'b->a', 'vote-response', 'term=1', 'granted');
      expect(server.status.role).toBe(role);
      say(server, 'b->a', kind, 'term=5', 'match=0');
      expect(server.status).toMatchObject({ role: 'follower', term: 5 });
    }
  });

  test('a candidate that hears a leader of its own term follows it and keeps its vote', () => {
    const server = serverOf({ preVote: false });
    server.raft.campaign();
    say(server, 'b->a', 'heartbeat', 'term=1');
    expect(server.status).toMatchObject({ role: 'follower', term: 1, leader: 'b', vote: 'a' });
  });

  test('a candidate of an earlier term is told the later one; it does not change anything', () => {
    const disk: Disk = { entries: [], hardState: { term: term(3), vote: NOBODY, commit: index(0) } };
    const server = serverOf({}, THREE, { a: disk });
    expect(say(server, 'b->a', 'vote-request', 'term=2', 'last=9/9')).toEqual([
      { kind: 'vote-response', from: 'a', to: 'b', term: 3, granted: false, commit: 0, commitTerm: 0 },
    ]);
    expect(server.status).toMatchObject({ term: 3, vote: '' });
  });
});

describe('election timeouts (§5.2, C10)', () => {
  test('are drawn from [electionTicks, 2 × electionTicks), all of it', () => {
    const seen = new Set<number>();
    for (let seed = 1; seed <= 200; seed++) {
      seen.add(ticksToCampaign(serverOf({ random: seededRandom(seed) }), 40));
    }
    expect([...seen].toSorted((one, other) => one - other)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  test('are drawn anew for every campaign', () => {
    const server = serverOf({ preVote: false });
    const seen = new Set<number>();
    for (let campaign = 0; campaign < 50; campaign++) {
      const before = server.status.term;
      let ticks = 0;
      for (; server.status.term === before && ticks < 40; ticks++) server.raft.tick();
      seen.add(ticks);
    }
    expect(seen.size).toBeGreaterThan(5);
  });

  test('begin anew when a vote is granted', () => {
    const server = serverOf({ preVote: false, random: () => 0 });
    // The new term alone begins it anew as well; so it is entered before.
    say(server, 'c->a', 'heartbeat-response', 'term=1');
    for (let tick = 0; tick < 9; tick++) server.raft.tick();
    say(server, 'b->a', 'vote-request', 'term=1', 'last=0/0');
    expect(server.status.vote).toBe('b');
    expect(ticksToCampaign(server, 20)).toBe(10);
  });

  test('go on when a vote is refused', () => {
    const server = serverOf({ preVote: false, random: () => 0 });
    say(server, 'b->a', 'vote-request', 'term=1', 'last=0/0');
    for (let tick = 0; tick < 9; tick++) server.raft.tick();
    say(server, 'c->a', 'vote-request', 'term=1', 'last=0/0');
    expect(ticksToCampaign(server, 20)).toBe(1);
  });

  test('begin anew with every word of the leader', () => {
    const server = serverOf({ random: () => 0 });
    for (const kind of ['heartbeat', 'append-request']) {
      for (let tick = 0; tick < 9; tick++) server.raft.tick();
      say(server, 'b->a', kind, 'term=1');
    }
    expect(ticksToCampaign(server, 20)).toBe(10);
  });

  test('split votes end: from any beginning somebody leads before long', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const cluster = new Cluster(['a', 'b', 'c', 'd'], {
        random: seededRandom(seed),
        preVote: seed % 2 === 0,
      });
      for (let ticks = 0; !cluster.leader; ticks++) {
        expect(ticks, `seed ${seed}`).toBeLessThan(150);
        for (const { id } of cluster.servers) cluster.tick(id);
        cluster.settle();
      }
    }
  });
});

describe('votes (§5.2, §5.4.1)', () => {
  test('are given first come, first served, and again to the same one (C4)', () => {
    const server = serverOf();
    const ask = (name: string): unknown =>
      say(server, `${name}->a`, 'vote-request', 'term=1', 'last=0/0').map(
        (one) => 'granted' in one && one.granted,
      );
    expect(ask('b')).toEqual([true]);
    expect(ask('c')).toEqual([false]);
    expect(ask('b')).toEqual([true]);
  });

  test('are not given against a leader of the same term', () => {
    const server = serverOf();
    say(server, 'b->a', 'heartbeat', 'term=1');
    expect(say(server, 'c->a', 'vote-request', 'term=1', 'last=9/9')).toMatchObject([{ granted: false }]);
  });

  test('for oneself count only when they are durable (C1)', () => {
    const server = serverOf({ preVote: false }, ['a']);
    server.raft.campaign();
    const ready = server.take();
    expect(ready.hardState).toEqual({ term: 1, vote: 'a', commit: 0 });
    expect(server.status.role).toBe('candidate');
    server.finishWrite();
    expect(server.status.role).toBe('leader');
  });

  test('for oneself count for the term in which they were given', () => {
    const server = serverOf({ preVote: false, checkQuorum: false }, ['a', 'b']);
    server.raft.campaign();
    server.take();
    server.raft.campaign();
    server.raft.step(messageOf('b->a', ['vote-response', 'term=2', 'granted']));
    server.finishWrite();
    expect(server.status).toMatchObject({ role: 'candidate', term: 2 });
    work(server);
    expect(server.status).toMatchObject({ role: 'leader', term: 2 });
  });

  test.each([
    [1, []],
    [2, ['b']],
    [3, ['b']],
    [4, ['b', 'c']],
    [5, ['b', 'c']],
    [7, ['b', 'c', 'd']],
  ])('of a majority of %i elect: its own and those of %j, no fewer', (size, needed) => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].slice(0, size);
    const server = serverOf({ preVote: false }, names);
    server.raft.campaign();
    work(server);
    for (const [at, name] of needed.entries()) {
      expect(server.status.role, `before the vote of ${name}, ${at}`).toBe('candidate');
      say(server, `${name}->a`, 'vote-response', 'term=1', 'granted');
    }
    expect(server.status.role).toBe('leader');
  });

  test('refused by a majority end the campaign at once', () => {
    const server = serverOf({ preVote: false }, ['a', 'b', 'c', 'd', 'e']);
    server.raft.campaign();
    work(server);
    for (const name of ['b', 'c']) {
      say(server, `${name}->a`, 'vote-response', 'term=1');
      expect(server.status.role).toBe('candidate');
    }
    // A second word of the same voter is none.
    say(server, 'b->a', 'vote-response', 'term=1', 'granted');
    say(server, 'c->a', 'vote-response', 'term=1', 'granted');
    expect(server.status.role).toBe('candidate');
    say(server, 'd->a', 'vote-response', 'term=1');
    expect(server.status).toMatchObject({ role: 'follower', term: 1, vote: 'a' });
  });

  test('of an earlier campaign do not count', () => {
    const server = serverOf({ preVote: false });
    server.raft.campaign();
    work(server);
    server.raft.campaign();
    work(server);
    say(server, 'b->a', 'vote-response', 'term=1', 'granted');
    expect(server.status).toMatchObject({ role: 'candidate', term: 2 });
  });

  test('are given by whoever is asked, also where it is no voter itself (C8)', () => {
    const outsider = outsiderOf('b', 'c');
    expect(say(outsider, 'c->a', 'vote-request', 'term=1', 'last=0/0')).toMatchObject([{ granted: true }]);
  });
});

describe('pre-votes (thesis §9.6, C5)', () => {
  test('neither raise a term nor record a vote, on either side', () => {
    const cluster = new Cluster(THREE);
    cluster.server('a').raft.campaign();
    const ready = cluster.server('a').take();
    expect(ready.hardState).toBeUndefined();
    for (const message of ready.messages) {
      expect(message).toMatchObject({ kind: 'pre-vote-request', term: 1 });
      const voter = cluster.server(message.to);
      voter.raft.step(message);
      expect(voter.take().hardState).toBeUndefined();
      expect(voter.status).toMatchObject({ term: 0, vote: '' });
    }
  });

  test('are refused while the leader is heard of, without an answer', () => {
    const server = serverOf();
    say(server, 'b->a', 'heartbeat', 'term=1');
    expect(say(server, 'c->a', 'pre-vote-request', 'term=2', 'last=9/9')).toEqual([]);
    for (let tick = 0; tick < 10; tick++) server.raft.tick();
    work(server);
    expect(say(server, 'c->a', 'pre-vote-request', 'term=2', 'last=9/9')).toMatchObject([{ granted: true }]);
  });

  test('a refusal of a later term is entered', () => {
    const server = serverOf();
    server.raft.campaign();
    work(server);
    say(server, 'b->a', 'pre-vote-response', 'term=7');
    expect(server.status).toMatchObject({ role: 'follower', term: 7, vote: '' });
  });

  test('lost ones leave everything as it was', () => {
    const server = serverOf();
    server.raft.campaign();
    say(server, 'b->a', 'pre-vote-response', 'term=0');
    say(server, 'c->a', 'pre-vote-response', 'term=0');
    expect(server.status).toMatchObject({ role: 'follower', term: 0, vote: '' });
  });
});

describe('the lease of a leader (thesis §4.2.3, §6.2)', () => {
  test('does not protect it from a transfer that it began itself', () => {
    const server = serverOf();
    say(server, 'b->a', 'heartbeat', 'term=1');
    expect(say(server, 'c->a', 'vote-request', 'term=2', 'last=9/9')).toEqual([]);
    expect(server.status.term).toBe(1);
    expect(say(server, 'c->a', 'vote-request', 'term=2', 'last=9/9', 'transfer')).toMatchObject([
      { granted: true },
    ]);
  });

  test('ends when it lost its majority: it steps down within two election timeouts', () => {
    const cluster = new Cluster(['a', 'b', 'c', 'd', 'e']);
    const leader = cluster.elect('a');
    for (let tick = 0; tick < 20; tick++) {
      expect(leader.status.role).toBe('leader');
      leader.raft.tick();
      cluster.settle(['c', 'd', 'e']);
    }
    expect(leader.status).toMatchObject({ role: 'follower', term: 1, leader: '' });
  });

  test('ends also on a server that may not campaign (chaos, seed 843)', () => {
    const outsider = outsiderOf('b', 'c');
    say(outsider, 'b->a', 'heartbeat', 'term=1');
    for (let tick = 0; tick < 10; tick++) outsider.raft.tick();
    for (let tick = 0; tick < 50; tick++) {
      const answers = say(outsider, 'c->a', 'pre-vote-request', 'term=2', 'last=0/0');
      expect(answers).toMatchObject([{ granted: true }]);
      outsider.raft.tick();
    }
  });

  test('goes on with the majority alone', () => {
    const cluster = new Cluster(['a', 'b', 'c', 'd', 'e']);
    const leader = cluster.elect('a');
    for (let tick = 0; tick < 40; tick++) {
      leader.raft.tick();
      cluster.settle(['d', 'e']);
    }
    expect(leader.status.role).toBe('leader');
  });
});

describe('who is not in the configuration (C9)', () => {
  test('is helped by nobody who hears a leader', () => {
    const cluster = new Cluster(THREE);
    const { raft } = cluster.elect('a');
    raft.step(messageOf('d->a', ['vote-request', 'term=9', 'last=9/9']));
    raft.step(messageOf('d->a', ['pre-vote-request', 'term=9', 'last=9/9']));
    expect(raft.hasReady()).toBe(false);
  });

  test('elects nobody', () => {
    const server = serverOf({ preVote: false });
    server.raft.campaign();
    for (const name of ['d', 'e', 'f']) say(server, `${name}->a`, 'vote-response', 'term=1', 'granted');
    expect(server.status.role).toBe('candidate');
  });

  test('may ask a server that knows nobody yet, and be its leader (C8)', () => {
    const server = new Cluster([]).join('a');
    expect(say(server, 'b->a', 'vote-request', 'term=1', 'last=1/1')).toMatchObject([{ granted: true }]);
    say(server, 'b->a', 'append-request', 'term=1', 'entries=1/1:x', 'commit=1');
    work(server);
    expect(server.status).toMatchObject({ leader: 'b', applied: 1 });
  });

  test('is not listened to when it speaks to another', () => {
    const server = serverOf();
    for (const arrow of ['b->c', 'a->a']) server.raft.step(messageOf(arrow, ['heartbeat', 'term=9']));
    expect(server.raft.hasReady()).toBe(false);
    expect(server.status).toMatchObject({ term: 0, leader: '' });
  });

  test.each([[[]], [['b', 'c']]])('of %j never campaigns, however long it waits', (voters) => {
    const outsider = outsiderOf(...voters);
    for (let tick = 0; tick < 100; tick++) outsider.raft.tick();
    outsider.raft.campaign();
    expect(outsider.raft.hasReady()).toBe(false);
    expect(outsider.status).toMatchObject({ role: 'follower', term: 0 });
  });

  test('still takes what the leader sends', () => {
    const outsider = outsiderOf('b', 'c');
    expect(say(outsider, 'b->a', 'append-request', 'term=1', 'entries=1/1:x', 'commit=1')).toMatchObject([
      { matchIndex: 1 },
    ]);
    work(outsider);
    expect(outsider.status.applied).toBe(1);
  });
});
