import { encodeProposal, GROUP_METHOD, groupServiceName, type GroupInfo } from '@decoraft/protocol';
import { decodeValue, methodId, openChannel, serviceId } from '@decoraft/rpc';
import type { Diverged } from '@decoraft/state-machine';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

const IDS = ['a', 'b', 'c'] as const;
const EVERY = 20;
const OPEN_SESSION = encodeProposal({ kind: 'open-session', timeoutMs: 5_000 });

let cluster: VirtualCluster;
let told: { readonly level: string; readonly message: string }[];
let found: Map<string, Diverged[]>;
let ended: Map<string, unknown>;
let count: CounterClient;

beforeEach(() => {
  [told, found, ended] = [[], new Map(), new Map()];
});

afterEach(() => cluster.close());

async function start(settings: Parameters<typeof VirtualCluster.start>[0]): Promise<void> {
  const logger = {
    log: (level: string, message: string) => void told.push({ level, message }),
  };
  cluster = await VirtualCluster.start(settings, { logger });
  for (const id of IDS) {
    cluster.node(id).on('diverged', (diverged) => found.set(id, [...(found.get(id) ?? []), diverged]));
    cluster.node(id).on('failed', (error) => ended.set(id, error));
  }
  await cluster.leader();
  count = new CounterClient(await cluster.connect(), 'counter').with({ timeoutMs: 60_000 });
}

async function work(calls: number): Promise<void> {
  for (let call = 0; call < calls; call++) await cluster.during(count.add(1));
}

/** What no command did: a cosmic ray, or a command that is not deterministic. */
function spoil(id: string): void {
  const machine = cluster.machine(id) as unknown as { value: number };
  machine.value += 1_000;
}

async function ask(id: string, method: string, payload: Uint8Array = new Uint8Array(0)): Promise<Uint8Array> {
  const { clock, network: transport } = cluster;
  const channel = await cluster.during(openChannel(cluster.address(id), { transport, clock }));
  const service = serviceId(groupServiceName('main'));
  try {
    return await cluster.during(channel.call(service, methodId(method), payload, { timeoutMs: 3_000 }));
  } finally {
    channel.close();
  }
}

const follower = async (): Promise<string> => {
  const leader = await cluster.leader();
  return IDS.find((id) => id !== leader) ?? '';
};

describe('servers that are equal', () => {
  it('compare their states at an interval of entries and have nothing to say', async () => {
    await start({ stateCheckEntries: EVERY });
    await work(3 * EVERY);
    await cluster.pass(2_000);
    expect(found).toEqual(new Map());
    expect(told.filter(({ level }) => level === 'error')).toEqual([]);
    // Each check is an entry, and one for every server.
    expect(cluster.node('a').lastIndex).toBeGreaterThan(3 * EVERY + 4);
  });
});

describe('states that are compared after every entry', () => {
  it('name who differs at the next command', async () => {
    await start({ stateCheckEntries: 1 });
    await work(1);
    const odd = await follower();
    spoil(odd);
    await work(1);
    const named = (id: string): Diverged | undefined =>
      found.get(id)?.find(({ machine, minority }) => machine === 'counter' && minority.length > 0);
    await cluster.until('all know who it is', () => IDS.every(named));
    expect(named('a')).toMatchObject({ minority: [odd] });
  });

  it('are not compared because they were: an idle group writes nothing', async () => {
    await start({ stateCheckEntries: 1 });
    await work(3);
    await cluster.pass(1_000);
    const before = cluster.node('a').lastIndex;
    expect(before).toBeGreaterThan(2 * 4);
    await cluster.pass(5_000);
    expect(cluster.node('a').lastIndex).toBe(before);
  });
});

describe('a server whose state is another', () => {
  it('is named by all, with its machine and the index; by default nothing else happens', async () => {
    await start({ stateCheckEntries: EVERY });
    const odd = await follower();
    await work(5);
    spoil(odd);
    await work(EVERY);
    const named = (id: string): Diverged | undefined =>
      found.get(id)?.find(({ machine, minority }) => machine === 'counter' && minority.length > 0);
    await cluster.until('all know who it is', () => IDS.every(named));
    const first = named('a');
    expect(first).toMatchObject({ kind: 'diverged', machine: 'counter', minority: [odd] });
    for (const id of IDS) expect(found.get(id)).toContainEqual(first);
    const words = `machine counter at index ${first?.index}`;
    const errors = told.filter(({ level, message }) => level === 'error' && message.includes(words));
    expect(errors.length).toBeGreaterThanOrEqual(IDS.length);
    expect(ended).toEqual(new Map());
    await work(1);
  });

  it('is found before a snapshot is taken as well', async () => {
    await start({ stateCheckEntries: 1_000_000 });
    await work(5);
    const leader = await cluster.leader();
    spoil(await follower());
    await cluster.during(cluster.node(leader).takeSnapshot());
    await cluster.until('all know', () => IDS.every((id) => found.has(id)));
  });

  it('is found nowhere when nobody looks', async () => {
    await start({ stateCheckEntries: 0 });
    spoil(await follower());
    await work(EVERY);
    await cluster.during(cluster.node(await cluster.leader()).takeSnapshot());
    await cluster.pass(2_000);
    expect(found).toEqual(new Map());
  });

  it.each([
    ['a follower', follower],
    ['the leader', () => cluster.leader()],
  ])('goes out of service where that is wanted: %s', async (_, choose) => {
    await start({ stateCheckEntries: EVERY, onDivergence: 'stop-minority' });
    const odd = await choose();
    await work(5);
    spoil(odd);
    const others = IDS.filter((id) => id !== odd);
    const working = work(EVERY).catch((error: unknown) => error);
    await cluster.until('it has ended', () => ended.has(odd));
    await working;
    expect(ended.get(odd)).toMatchObject({ code: 'Corrupted' });
    expect(String(ended.get(odd))).toMatch(/machine .*counter at index/);
    for (const [method, payload] of [
      [GROUP_METHOD.propose, OPEN_SESSION],
      [GROUP_METHOD.info, undefined],
    ] as const) {
      await expect(ask(odd, method, payload)).rejects.toMatchObject({ code: 'Corrupted' });
    }
    await expect(cluster.node(odd).takeSnapshot()).rejects.toMatchObject({ code: 'Unavailable' });
    // As its process would end.
    await cluster.stopNode(odd);
    await work(EVERY);
    expect(await cluster.during(count.current())).toBeLessThan(1_000);
    expect([...ended.keys()]).toEqual([odd]);
    for (const id of others) {
      expect(found.get(id)?.at(-1)).toMatchObject({ minority: [odd] });
      const info = decodeValue(await ask(id, GROUP_METHOD.info)) as GroupInfo;
      expect(others).toContain(info.leader);
    }
  });
});
