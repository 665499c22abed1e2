/**
 * Three nodes keep a membership; three processes are members. One is killed and comes back, one leaves, a node is killed
 * as well: an observer prints each change once, in the order of the versions.
 */
import type { ChildProcess } from 'node:child_process';
import { type Cluster, connect } from 'decoraft/client';
import { type MembershipChange, Observer } from 'decoraft/membership';
import { end, freePeers, start, until } from './processes.js';

const peers = await freePeers(['a', 'b', 'c']);
const addresses = Object.values(peers);
const nodes = new Map(Object.keys(peers).map((id) => [id, start('node', id, JSON.stringify(peers))]));
const members = new Map<string, ChildProcess>();

function startMember(id: string): void {
  members.set(id, start('member', id, addresses.join(','), 'storage'));
}

async function endMember(id: string, signal?: NodeJS.Signals): Promise<void> {
  const member = members.get(id);
  if (member) await end(member, signal);
}

try {
  await using cluster = await connect(addresses, { connectTimeoutMs: 30_000 });
  await using observer = await Observer.open(cluster);
  observer.onChange((change) => console.log(describe(change)));
  await tellTheStory(cluster, observer);
} finally {
  await Promise.all([...members.values(), ...nodes.values()].map((child) => end(child)));
}

async function tellTheStory(cluster: Cluster, observer: Observer): Promise<void> {
  const leads = (id: string) => () => observer.groupLeader('storage')?.id === id;
  const isOnline = (id: string) => observer.member(id)?.isOnline ?? false;

  for (const id of ['cleo', 'bob', 'ada']) {
    startMember(id);
    await until(`${id} is there`, () => isOnline(id));
  }
  await until('cleo leads, who joined first', leads('cleo'));

  console.log('--- the process of cleo is killed');
  await endMember('cleo');
  await until('ada leads, who has the smallest id', leads('ada'));

  console.log('--- the process of cleo is started again');
  startMember('cleo');
  await until('cleo is back', () => isOnline('cleo'));

  const { leader = '' } = await cluster.info();
  console.log('--- the node that leads is killed');
  const node = nodes.get(leader);
  if (node) await end(node);
  await until('another node leads', async () => {
    const { leader: next } = await cluster.info();
    return next !== undefined && next !== leader;
  });

  console.log('--- ada leaves');
  await endMember('ada', 'SIGTERM');
  await until('bob leads', leads('bob'));
  console.log(
    `--- version ${observer.version}: ${observer.members.map(({ id }) => id).join(', ')} are there`,
  );
}

function describe(change: MembershipChange): string {
  const { kind, version } = change;
  const who = 'member' in change ? [change.member.id] : [];
  const where = 'group' in change ? [change.group] : [];
  const leader = kind === 'group-leader-changed' ? [`to ${change.leader ?? 'nobody'}`] : [];
  return [`${version}:`, kind, ...where, ...who, ...leader].join(' ');
}
