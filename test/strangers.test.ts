import { clusterIdOf, encodeMessage, fingerprintOf } from '@decoraft/host';
import { decodeReply, encodeProposal, GROUP_METHOD, groupServiceName } from '@decoraft/protocol';
import { configurationOf, type Index, type Message, nodeId, type Term } from '@decoraft/raft';
import { type Channel, methodId, openChannel, serviceId } from '@decoraft/rpc';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeChunk } from '../packages/host/src/snapshot-chunk.js';
import { VirtualCluster } from './support/virtual-cluster.js';

const SERVICE = serviceId(groupServiceName('main'));
const DATA = Uint8Array.of(1, 2, 3);
const OPEN_SESSION = encodeProposal({ kind: 'open-session', timeoutMs: 5_000 });

let cluster: VirtualCluster;
let leader: string;
let follower: string;
let channel: Channel;
/** What a message of this cluster says of where it comes from. */
let own: { readonly cluster: number; readonly disk: number; readonly reachedAt: string };

beforeEach(async () => {
  cluster = await VirtualCluster.start();
  leader = await cluster.leader();
  await cluster.until(
    'all disks are known, and the machines agreed on',
    () => cluster.node('a').appliedIndex > 5,
  );
  follower = ['a', 'b', 'c'].find((id) => id !== leader) ?? '';
  const { clock, network: transport } = cluster;
  channel = await cluster.during(openChannel(cluster.address(follower), { transport, clock }));
  const clusterId = clusterIdOf(cluster.node(leader).members);
  own = {
    cluster: fingerprintOf(clusterId),
    disk: cluster.node(leader).log?.diskId ?? 0,
    reachedAt: cluster.address(leader),
  };
});

afterEach(async () => {
  channel.close();
  await cluster.close();
});

const call = (method: string, payload: Uint8Array): Promise<Uint8Array> =>
  cluster.during(channel.call(SERVICE, methodId(method), payload, { timeoutMs: 3_000 }));

/** Of a leader whose term nobody has seen yet. */
const head = () => ({
  from: nodeId(leader),
  to: nodeId(follower),
  term: (cluster.node(follower).term + 7) as Term,
});

describe('a follower (C42)', () => {
  it('passes a command on to its leader', async () => {
    const { leaderAddress, outcome } = decodeReply(await call(GROUP_METHOD.propose, OPEN_SESSION));
    expect(outcome.kind).toBe('value');
    expect(leaderAddress).toBe(cluster.address(leader));
  });

  it('passes nothing on that was passed on already: nothing circles, and nothing is appended', async () => {
    const before = cluster.node(leader).lastIndex;
    await expect(call(GROUP_METHOD.forward, OPEN_SESSION)).rejects.toMatchObject({ code: 'NotLeader' });
    await cluster.pass(1_000);
    expect(cluster.node(leader).lastIndex).toBe(before);
  });
});

describe('who is not of this cluster, or not who it was', () => {
  const strangers: readonly [string, () => typeof own][] = [
    ['of another cluster (C47)', () => ({ ...own, cluster: own.cluster + 1 })],
    ['with another disk (C45)', () => ({ ...own, disk: own.disk + 1 })],
  ];

  it.each(strangers)('%s, is not heard by the core', async (_, from) => {
    const { term } = cluster.node(follower);
    const message: Message = { kind: 'heartbeat', ...head(), commit: 0 as Index, readSequence: 0 };
    channel.send(SERVICE, methodId(GROUP_METHOD.step), encodeMessage({ ...from(), message }));
    await cluster.pass(1_000);
    expect(cluster.node(follower).term).toBe(term);
  });

  it.each(strangers)('%s, installs no snapshot', async (_, from) => {
    const { term } = cluster.node(follower);
    const configuration = configurationOf({ voters: [nodeId('x')] });
    const snapshot = { index: 1_000 as Index, term: head().term, configuration };
    const message = { kind: 'install-snapshot-request', ...head(), snapshot } as const;
    const piece = { header: { ...from(), message }, totalBytes: DATA.length, checksum: crc32(DATA) };
    const whole = encodeChunk({ ...piece, offset: 0, data: DATA });
    await expect(call(GROUP_METHOD.installSnapshot, whole)).rejects.toMatchObject({
      code: 'ClusterMismatch',
    });
    await cluster.pass(1_000);
    expect(cluster.node(follower).term).toBe(term);
  });

  it('while one that is, is heard', async () => {
    const message: Message = { kind: 'heartbeat', ...head(), commit: 0 as Index, readSequence: 0 };
    channel.send(SERVICE, methodId(GROUP_METHOD.step), encodeMessage({ ...own, message }));
    await cluster.until('the term is taken over', () => cluster.node(follower).term >= message.term);
  });
});
