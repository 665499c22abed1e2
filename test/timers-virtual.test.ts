import { encodeProposal, GROUP_METHOD, groupServiceName } from '@decoraft/protocol';
import { methodId, openChannel, serviceId } from '@decoraft/rpc';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Counter } from '../examples/counter/src/counter.machine.js';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { VirtualCluster } from './support/virtual-cluster.js';

const IDS = ['a', 'b', 'c'] as const;
const TICK_MS = 50;

interface Machine {
  readonly context: { readonly session: number | undefined; readonly time: number };
  value: number;
  schedule(delayMs: number, method: string, ...args: readonly unknown[]): number;
}

/** A counter whose `add` has itself run again so many milliseconds later, once; more than 5,000 do not go well. */
function lateCounter(): Counter {
  const counter = new Counter();
  // Not enumerable: no part of the state.
  Object.defineProperty(counter, 'add', {
    value: function add(this: Machine, amount: number): number {
      if (this.context.session !== undefined) return this.schedule(amount, 'add', amount);
      if (amount > 5_000) throw new Error('no luck');
      this.value = this.context.time;
      return amount;
    },
  });
  return counter;
}

let cluster: VirtualCluster;
let told: { readonly level: string; readonly message: string; readonly node: unknown }[];
let count: CounterClient;

beforeEach(async () => {
  told = [];
  const log = (level: string, message: string, fields?: Readonly<Record<string, unknown>>): void =>
    void told.push({ level, message, node: fields?.['node'] });
  cluster = await VirtualCluster.start({ tickMs: TICK_MS }, { machine: lateCounter, logger: { log } });
  await cluster.leader();
  count = new CounterClient(await cluster.connect(), 'counter').with({ timeoutMs: 60_000 });
});

afterEach(() => cluster.close());

it('a timer fires within some two ticks behind its due time where nothing else happens', async () => {
  const startMs = cluster.clock.now();
  await cluster.during(count.add(2_000));
  await cluster.until('it has fired everywhere', () => IDS.every((id) => cluster.machine(id).current() > 0));
  const [first] = IDS.map((id) => cluster.machine(id).current());
  expect(first).toBeGreaterThanOrEqual(startMs + 2_000);
  // The tick that finds it due, and the time that the command itself took to be applied.
  expect(first).toBeLessThan(startMs + 2_000 + 4 * TICK_MS);
  for (const id of IDS) expect(cluster.machine(id).current()).toBe(first);
});

it('an entry is made for a timer only when one is due, and only one', async () => {
  // By then the leader has registered the disks of all members.
  await cluster.pass(2_000);
  await cluster.during(count.add(2_000));
  const { appliedIndex } = cluster.node(await cluster.leader());
  await cluster.pass(1_500);
  expect(cluster.node(await cluster.leader()).appliedIndex).toBe(appliedIndex);
  await cluster.pass(10_000);
  expect(cluster.node(await cluster.leader()).appliedIndex).toBe(appliedIndex + 1);
});

it('the next leader fires what the one before it could not', async () => {
  await cluster.during(count.add(2_000));
  const first = await cluster.leader();
  await cluster.stopNode(first);
  const others = IDS.filter((id) => id !== first);
  await cluster.until('it has fired', () => others.every((id) => cluster.machine(id).current() > 0));
});

it('what a timer throws is a warning of the leader, and of nobody else', async () => {
  const warnings = (): readonly unknown[] =>
    told.filter(({ message }) => message.startsWith("a timer's command failed"));
  await cluster.during(count.add(5_001));
  await cluster.pass(6_000);
  expect(warnings()).toEqual([
    {
      level: 'warn',
      message: "a timer's command failed: CommandRejected: counter.add: no luck",
      node: await cluster.leader(),
    },
  ]);
});

it('nobody but the leader lets time pass', async () => {
  const { clock, network: transport } = cluster;
  const channel = await cluster.during(
    openChannel(cluster.address(await cluster.leader()), { transport, clock }),
  );
  const call = channel.call(
    serviceId(groupServiceName('main')),
    methodId(GROUP_METHOD.propose),
    encodeProposal({ kind: 'advance-time' }),
    { timeoutMs: 3_000 },
  );
  await expect(cluster.during(call)).rejects.toMatchObject({ code: 'PermissionDenied' });
  channel.close();
});
