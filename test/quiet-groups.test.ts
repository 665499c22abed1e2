import { DEFAULT_SETTINGS, type HostSettings } from 'decoraft/server';
import { afterEach, describe, expect, it } from 'vitest';
import { Counter } from '../examples/counter/src/counter.machine.js';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { IDS, type Sent, VirtualGroups } from './support/virtual-groups.js';

const { electionTicks, heartbeatTicks, tickMs } = DEFAULT_SETTINGS;
const ELECTION_MS = electionTicks * tickMs;
const INTERVALS = 50;
const WINDOW_MS = INTERVALS * heartbeatTicks * tickMs;
/** A leader beats to two others, and each of them answers. */
const PER_INTERVAL = 4;
const RESTING: Partial<HostSettings> = { quiesceIdleGroups: true };

const names = (count: number): readonly string[] => Array.from({ length: count }, (_, at) => `group-${at}`);

let groups: VirtualGroups | undefined;

afterEach(async () => {
  await groups?.close();
  groups = undefined;
});

async function start(settings: Partial<HostSettings>, more: readonly string[]): Promise<VirtualGroups> {
  groups = new VirtualGroups(settings);
  await groups.start(more);
  return groups;
}

async function sentByGroups(settings: Partial<HostSettings>, count: number): Promise<Sent> {
  const started = await start(settings, names(count - 1));
  if (settings.quiesceIdleGroups) await started.whenAllRest();
  // By then the leaders have registered the disks of all members.
  else await started.cluster.pass(2_000);
  const sent = await started.sentWithin(WINDOW_MS);
  await started.close();
  groups = undefined;
  return sent;
}

describe('between two servers, the messages of groups that have nothing to do are as many', () => {
  it.each([1, 2, 50])('with %d groups, which beat together', async (count) => {
    const { messages, quiet } = await sentByGroups({}, count);
    expect(quiet).toBe(0);
    expect(Math.abs(messages - INTERVALS * PER_INTERVAL)).toBeLessThanOrEqual(PER_INTERVAL);
  });

  it.each([1, 2, 50])('with %d groups, which rest', async (count) => {
    const { messages, quiet } = await sentByGroups(RESTING, count);
    expect(messages).toBe(quiet);
    expect(Math.abs(messages - INTERVALS * PER_INTERVAL)).toBeLessThanOrEqual(PER_INTERVAL);
  });
});

describe('a group that rests', () => {
  it('is woken by a command, a query and a transfer, and rests again; the others rest on', async () => {
    const { cluster } = await restingGroups();
    const client = (await cluster.connect()).group('orders');
    const counter = new CounterClient(client, 'counter').with({ timeoutMs: 60_000 });
    expect(await cluster.during(counter.add(3))).toBe(3);
    expect(groups?.group('a', 'orders').isQuiet).toBe(false);
    expect(IDS.every((id) => groups?.group(id, 'users').isQuiet)).toBe(true);
    await groups?.whenAllRest();
    const linearizable = counter.with({ consistency: 'linearizable', timeoutMs: 60_000 });
    expect(await cluster.during(linearizable.current())).toBe(3);
    await groups?.whenAllRest();
    await groups?.leadBy('b', 'orders');
    expect(await cluster.during(counter.add(1))).toBe(4);
    await groups?.whenAllRest();
  });

  it('has its timers fire on time', async () => {
    const fired: number[] = [];
    groups = new VirtualGroups(RESTING);
    groups.machine = () => lateCounter(fired);
    const { cluster } = groups;
    await groups.start(['orders']);
    const counter = new CounterClient((await cluster.connect()).group('orders'), 'counter');
    const dueMs = cluster.clock.now() + 20_000;
    await cluster.during(counter.add(20_000));
    await groups.whenAllRest();
    await cluster.until('it has fired everywhere', () => fired.length === IDS.length);
    for (const atMs of fired) expect(atMs).toBeGreaterThanOrEqual(dueMs);
    for (const atMs of fired) expect(atMs).toBeLessThan(dueMs + 4 * tickMs);
    await groups.whenAllRest();
  });

  it('has its sessions expire on time', async () => {
    const { cluster } = await restingGroups();
    let isGone = false;
    const dial: typeof cluster.network.dial = (address, events, options) =>
      isGone ? Promise.reject(new Error('gone')) : cluster.network.dial(address, events, options);
    const client = await cluster.connect({ sessionTimeoutMs: 5_000, group: 'orders', transport: { dial } });
    const counter = new CounterClient(client, 'counter').with({ timeoutMs: 60_000 });
    await cluster.during(counter.add(1));
    await groups?.whenAllRest();
    const leader = groups?.group('a', 'orders');
    const before = leader?.lastIndex ?? 0;
    // It beats every second: the group knows of it, and rests all the same.
    await cluster.pass(8_000);
    expect(leader?.isQuiet).toBe(true);
    expect(leader?.lastIndex).toBe(before);
    isGone = true;
    for (const id of IDS) cluster.network.sever(cluster.address(id));
    const silentMs = cluster.clock.now();
    await cluster.until('the session has ended', () => (leader?.lastIndex ?? 0) > before);
    expect(cluster.clock.now() - silentMs).toBeLessThan(9_000);
  });

  it('has another leader when its own dies, or only its group there is stopped', async () => {
    const { cluster } = await restingGroups();
    await cluster.during(groups?.group('a', 'orders').close() ?? Promise.resolve());
    const stoppedMs = cluster.clock.now();
    await cluster.until('b or c leads', () => ['b', 'c'].some((id) => groups?.group(id, 'orders').isLeader));
    expect(cluster.clock.now() - stoppedMs).toBeLessThan(6 * ELECTION_MS);
    expect(groups?.group('a', 'users').isLeader).toBe(true);

    groups?.cutOff.add('a');
    const cutMs = cluster.clock.now();
    await cluster.until('all groups are led by others', () =>
      ['main', 'users'].every((name) => ['b', 'c'].some((id) => groups?.group(id, name).isLeader)),
    );
    expect(cluster.clock.now() - cutMs).toBeLessThan(8 * ELECTION_MS);
    // It leads nobody, and says so (promise 21).
    await cluster.until('the old leader has stepped down', () => !groups?.group('a', 'users').isLeader);
    groups?.cutOff.clear();
    await cluster.until('it follows', () => groups?.group('a', 'users').leader !== undefined);
  });

  it('does not notice that the leader of another dies, when it is under load itself', async () => {
    const { cluster } = await restingGroups();
    await groups?.leadBy('b', 'users');
    const orders = groups?.group('a', 'orders');
    const { term } = orders ?? {};
    const client = (await cluster.connect()).group('orders');
    const counter = new CounterClient(client, 'counter').with({ timeoutMs: 60_000 });
    const over = new AbortController();
    let [added, latestMs] = [0, 0];
    const load = (async () => {
      while (!over.signal.aborted) {
        const beganMs = cluster.clock.now();
        added = await counter.add(1);
        latestMs = Math.max(latestMs, cluster.clock.now() - beganMs);
      }
    })();
    await cluster.pass(500);
    const before = added;
    groups?.cutOff.add('b');
    await cluster.until('another leads', () => ['a', 'c'].some((id) => groups?.group(id, 'users').isLeader));
    await cluster.pass(500);
    over.abort();
    await cluster.during(load);
    expect(added).toBeGreaterThan(before);
    expect(latestMs).toBeLessThan(ELECTION_MS);
    expect(orders?.isLeader && orders.term).toBe(term);
    groups?.cutOff.clear();
  });

  it('wakes where a member does not answer any more, and rests when that is back', async () => {
    const { cluster } = await restingGroups();
    groups?.cutOff.add('c');
    await cluster.until('its leader looks after it', () => !groups?.group('a', 'orders').isQuiet);
    await cluster.pass(4 * ELECTION_MS);
    expect(groups?.group('a', 'orders').isLeader).toBe(true);
    expect(groups?.group('a', 'orders').isQuiet).toBe(false);
    groups?.cutOff.clear();
    await groups?.whenAllRest();
  });
});

interface Machine {
  readonly context: { readonly session: number | undefined; readonly time: number };
  schedule(delayMs: number, method: string, ...args: readonly unknown[]): number;
}

/** A counter whose `add` has itself run again so many milliseconds later, and then says when. */
function lateCounter(fired: number[]): Counter {
  const counter = new Counter();
  // Not enumerable: no part of the state.
  Object.defineProperty(counter, 'add', {
    value: function add(this: Machine, delayMs: number): number {
      if (this.context.session !== undefined) return this.schedule(delayMs, 'add', delayMs);
      return fired.push(this.context.time);
    },
  });
  return counter;
}

async function restingGroups(): Promise<VirtualGroups> {
  const started = await start(RESTING, ['orders', 'users']);
  await started.whenAllRest();
  return started;
}
