import { forceNewCluster, planForcedCluster } from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

let cluster: VirtualCluster;

afterEach(async () => cluster.close());

const rolesAt = (id: string): readonly string[] =>
  cluster.node(id).members.map((member) => `${member.id} ${member.role}`);

async function counter(): Promise<CounterClient> {
  const client = await cluster.connect();
  return new CounterClient(client, 'counter').with({ timeoutMs: 60_000 });
}

const voters = (...ids: readonly string[]): readonly string[] => ids.map((id) => `${id} voter`);

async function untilRoles(at: string, roles: readonly string[]): Promise<void> {
  await cluster.until(`${at} sees ${roles.join(', ')}`, () => rolesAt(at).join() === roles.join());
}

describe('a node that joins', () => {
  it('learns first, and votes when it has caught up', async () => {
    cluster = await VirtualCluster.start();
    const count = await counter();
    for (let call = 0; call < 20; call++) await cluster.during(count.add(1));
    const seen: string[] = [];
    const joining = await cluster.joinNode('d');
    joining.on('membersChanged', ({ members }) =>
      seen.push(members.find(({ id }) => id === 'd')?.role ?? 'stranger'),
    );
    await untilRoles('d', voters('a', 'b', 'c', 'd'));
    const changes = seen.filter((role, at) => role !== 'stranger' && role !== seen[at - 1]);
    expect(changes).toEqual(['learner', 'voter']);
    const applied = (await cluster.during(count.add(1))) === 21;
    expect(applied).toBe(true);
    await cluster.until('d has it', () => joining.appliedIndex === cluster.node('a').appliedIndex);
    expect(joining.stateHash).toBe(cluster.node('a').stateHash);
  });

  it('may stay a learner', async () => {
    cluster = await VirtualCluster.start();
    await cluster.joinNode('d', { learner: true });
    await untilRoles('d', [...voters('a', 'b', 'c'), 'd learner']);
    await cluster.pass(5_000);
    expect(rolesAt('a')).toEqual([...voters('a', 'b', 'c'), 'd learner']);
  });

  it('takes the place of another in one step', async () => {
    cluster = await VirtualCluster.start();
    await cluster.leader();
    await cluster.stopNode('c');
    await cluster.joinNode('d', { replaces: 'c' });
    await untilRoles('a', voters('a', 'b', 'd'));
  });

  it('and joins again is who it was', async () => {
    cluster = await VirtualCluster.start();
    await cluster.joinNode('d');
    await untilRoles('d', voters('a', 'b', 'c', 'd'));
    await cluster.stopNode('d');
    await cluster.joinNode('d');
    await untilRoles('d', voters('a', 'b', 'c', 'd'));
  });

  it('gets the state as a snapshot when the entries are gone', async () => {
    cluster = await VirtualCluster.start({ snapshotTailEntries: 2 });
    const count = await counter();
    for (let call = 0; call < 50; call++) await cluster.during(count.add(1));
    for (const id of ['a', 'b', 'c']) {
      expect(await cluster.node(id).takeSnapshot()).toBeGreaterThan(40);
    }
    const joining = await cluster.joinNode('d');
    await untilRoles('d', voters('a', 'b', 'c', 'd'));
    expect(joining.log?.firstIndex()).toBeGreaterThan(40);
    expect(joining.stateHash).toBe(cluster.node('a').stateHash);
    await cluster.during(count.add(1));
    await cluster.until('d has it', () => joining.appliedIndex === cluster.node('a').appliedIndex);
    expect(joining.stateHash).toBe(cluster.node('a').stateHash);
  });
});

describe('a node that begins with an empty disk', () => {
  const isIn = (id: string): boolean => cluster.node(id).status !== undefined;

  it('waits alone, begins with a majority, and whoever comes later is registered first', async () => {
    cluster = new VirtualCluster();
    await cluster.startNode('a');
    await cluster.pass(5_000);
    expect(isIn('a')).toBe(false);
    await cluster.startNode('b');
    const leader = await cluster.leader();
    await cluster.startNode('c');
    await untilRoles('c', voters('a', 'b', 'c'));
    expect(cluster.node('c').status?.term).toBeGreaterThanOrEqual(cluster.node(leader).term);
    expect(await cluster.during((await counter()).add(1))).toBe(1);
  });

  it('does not take part when it lost a disk that only those know who are away', async () => {
    cluster = new VirtualCluster();
    await Promise.all(['a', 'b', 'c'].map((id) => cluster.startNode(id)));
    await cluster.until('all take part', () => ['a', 'b', 'c'].every(isIn));
    await cluster.stopNode('c');
    const count = await counter();
    for (let call = 0; call < 5; call++) await cluster.during(count.add(1));
    // Time to register the disks. Lost before that, b would be taken in again by a leader, as the new server that it is.
    await cluster.pass(2_000);
    await cluster.stopNode('a');
    await cluster.stopNode('b');
    cluster.loseDisk('b');

    await cluster.startNode('c');
    await cluster.startNode('b');
    let end: unknown;
    cluster.node('b').once('failed', (error: unknown) => (end = error));
    await cluster.pass(20_000);
    expect([isIn('b'), isIn('c'), end]).toEqual([false, true, undefined]);
    expect(cluster.node('c').leader).toBeUndefined();

    await cluster.startNode('a');
    await cluster.until('b is refused', () => end);
    expect(String(end)).toContain('ClusterMismatch: b is known with another disk');
    await cluster.stopNode('b');
    expect(await cluster.during(count.add(1))).toBe(6);
  });
});

describe('a node that was away while the members changed', () => {
  it.each([
    ['entries', 10_000],
    ['a snapshot', 0],
  ])('catches up with %s from a leader that it never heard of', async (_, snapshotTailEntries) => {
    cluster = await VirtualCluster.start({ snapshotTailEntries });
    await cluster.leader();
    await cluster.stopNode('c');
    const joining = await cluster.joinNode('d');
    await untilRoles('d', voters('a', 'b', 'c', 'd'));
    while ((await cluster.leader()) !== 'd') {
      // The first time it has no connection to b yet, and may miss its vote.
      await cluster.during(cluster.node(await cluster.leader()).transferLeadership('d'));
    }
    await cluster.during(joining.takeSnapshot());
    await cluster.startNode('c');
    await untilRoles('c', voters('a', 'b', 'c', 'd'));
    expect(cluster.node('c').leader).toBe('d');
  });
});

describe('a node that goes', () => {
  it('leaves for good, and its id with it', async () => {
    cluster = await VirtualCluster.start();
    await cluster.joinNode('d');
    await untilRoles('d', voters('a', 'b', 'c', 'd'));
    await cluster.during(cluster.node('d').leave());
    await untilRoles('a', voters('a', 'b', 'c'));
    await cluster.stopNode('d');
    cluster.loseDisk('d');
    await expect(cluster.joinNode('d')).rejects.toThrow('ids are never used again');
  });

  it('hands leadership over before it leaves', async () => {
    cluster = await VirtualCluster.start();
    const leader = await cluster.leader();
    const rest = ['a', 'b', 'c'].filter((id) => id !== leader);
    await cluster.during(cluster.node(leader).leave());
    const [one = ''] = rest;
    await untilRoles(one, voters(...rest));
    expect(rest).toContain(await cluster.leader());
  });

  it('hands leadership over when it closes: nobody waits for an election', async () => {
    cluster = await VirtualCluster.start();
    const leader = await cluster.leader();
    const { term } = cluster.node(leader);
    await cluster.closeNode(leader);
    const next = await cluster.leader();
    expect(next).not.toBe(leader);
    expect(cluster.node(next).term).toBe(term + 1);
  });

  it('is one of the members: another name is told, and nothing happens', async () => {
    cluster = await VirtualCluster.start();
    await cluster.leader();
    const raft = cluster.node('a');
    await expect(cluster.during(raft.remove('d'))).rejects.toMatchObject({ code: 'NotFound' });
    expect(raft.members.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
  });

  it('cannot be the last voter', async () => {
    cluster = await VirtualCluster.start();
    await cluster.leader();
    await cluster.during(cluster.node('a').remove('c'));
    await cluster.during(cluster.node('a').remove('b'));
    await expect(cluster.during(cluster.node('a').remove('a'))).rejects.toThrow('a is the last voter');
  });
});

describe('leadership', () => {
  it('goes to whom it is given, asked for on any node', async () => {
    cluster = await VirtualCluster.start();
    const leader = await cluster.leader();
    const [first = '', second = ''] = ['a', 'b', 'c'].filter((id) => id !== leader);
    await cluster.during(cluster.node(leader).transferLeadership(first));
    await cluster.until('the first leads', () => cluster.node(first).isLeader);
    await cluster.during(cluster.node(leader).transferLeadership(second));
    await cluster.until('the second leads', () => cluster.node(second).isLeader);
  });

  it('is not given to a stranger', async () => {
    cluster = await VirtualCluster.start();
    const leader = await cluster.leader();
    await expect(cluster.during(cluster.node(leader).transferLeadership('x'))).rejects.toThrow('x');
  });
});

describe('a node that lost its disk', () => {
  it('does not come back under its old id', async () => {
    cluster = await VirtualCluster.start();
    await cluster.leader();
    await cluster.until(
      'all disks are known, and the machines agreed on',
      () => cluster.node('a').appliedIndex > 5,
    );
    await cluster.stopNode('c');
    cluster.loseDisk('c');
    await expect(cluster.startNode('c')).rejects.toThrow(/another disk.*new id/);
    await cluster.joinNode('d', { replaces: 'c' });
    await untilRoles('a', voters('a', 'b', 'd'));
  });
});

describe('a cluster that lost its majority for good', () => {
  it('goes on from one survivor, with all that it had, in two steps', async () => {
    cluster = await VirtualCluster.start();
    const count = await counter();
    for (let call = 0; call < 10; call++) await cluster.during(count.add(1));
    await cluster.until('a has all', () => cluster.node('a').appliedIndex >= 13);
    for (const id of ['a', 'b', 'c']) await cluster.stopNode(id);
    const survivor = cluster.survivor('a');
    const plan = await planForcedCluster(survivor);
    expect(plan.lost).toEqual(['b', 'c']);
    const address = cluster.address('a');
    await expect(forceNewCluster(survivor, { address, token: 'read nothing' })).rejects.toThrow(
      'make a plan',
    );
    await forceNewCluster(survivor, { address, token: plan.token });
    await cluster.startNode('a');
    await untilRoles('a', voters('a'));
    expect(await cluster.during((await counter()).add(1))).toBe(11);
    await cluster.joinNode('d');
    await untilRoles('d', voters('a', 'd'));
  });

  it('does not listen to those that were left behind', async () => {
    cluster = await VirtualCluster.start();
    await cluster.leader();
    for (const id of ['a', 'b', 'c']) await cluster.stopNode(id);
    const survivor = cluster.survivor('a');
    const { token } = await planForcedCluster(survivor);
    await forceNewCluster(survivor, { address: cluster.address('a'), token });
    for (const id of ['a', 'b', 'c']) await cluster.startNode(id);
    await cluster.pass(10_000);
    expect(rolesAt('a')).toEqual(voters('a'));
    expect(cluster.node('a').isLeader).toBe(true);
    expect(cluster.node('b').leader).not.toBe('a');
  });
});

describe('a client whose addresses all belong to the past', () => {
  it('has heard of the members that came, and goes on with them', async () => {
    cluster = await VirtualCluster.start();
    const count = await counter();
    expect(await cluster.during(count.current())).toBe(0);
    for (const [leaving, coming] of [
      ['a', 'd'],
      ['b', 'e'],
      ['c', 'f'],
    ] as const) {
      await cluster.joinNode(coming, { replaces: leaving });
      await cluster.stopNode(leaving);
      await cluster.until(`${coming} has a vote`, () => rolesAt(coming).includes(`${coming} voter`));
      // It asks for nothing meanwhile, and has no session to keep alive: it hears by itself.
      await cluster.pass(10_000);
    }
    expect(await cluster.during(count.add(1))).toBe(1);
  });
});
