/** The client process of `one-port.ts`: `one-port-client ADDRESS`. */
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'decoraft/client';
import { Member } from 'decoraft/membership';
import { CounterClient } from '../examples/counter/src/generated/counter.client.js';
import { GreeterClient } from '../test/services/generated/greeter.client.js';
import { quantile } from './quantiles.js';

const ITEMS = 100_000;
/** So the reader takes some seconds: many times as long as the server needs for all of them. */
const READER = { items: 200, pauseMs: 10 } as const;
const IDLE_CALLS = 3_000;
const MEBIBYTE = 1024 * 1024;

export interface OnePortRow {
  readonly meanwhile: string;
  readonly calls: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Items that the slow reader was given a second; 0 where there is no stream. */
  readonly itemsPerSecond: number;
  /** How much larger the node was at its largest than before, in MiB. */
  readonly grewMebibytes: number;
}

const [address = ''] = process.argv.slice(2);
await using cluster = await connect([address], { connectTimeoutMs: 30_000 });
const node = cluster.node(address);
const [greeter, host] = [new GreeterClient(node, 'greeter'), new GreeterClient(node, 'host')];
const visits = new CounterClient(cluster, 'visits').with({ timeoutMs: 60_000 });
const stock = new CounterClient(cluster.group('orders'), 'stock').with({ timeoutMs: 60_000 });
const member = await Member.join(cluster, { address: 'bench:1', groups: ['clients'] });

const rssBytes = async (): Promise<number> => (await node.service('probe').call('rssBytes')) as number;

await rowOf('warm-up', { stream: true });
console.log(
  JSON.stringify([
    await rowOf('nothing', {}),
    await rowOf('a stream to a slow reader', { stream: true }),
    await rowOf('a stream, and commands in both groups', { stream: true, commands: true }),
  ]),
);
await member.leave();

async function rowOf(
  meanwhile: string,
  { commands = false, stream = false }: { readonly commands?: boolean; readonly stream?: boolean },
): Promise<OnePortRow> {
  const before = await rssBytes();
  let largest = before;
  const over = new AbortController();
  const others = commands ? [visits, stock].map((counter) => repeat(over.signal, () => counter.add(1))) : [];
  const beganMs = performance.now();
  const reading = stream ? readSlowly().finally(() => over.abort()) : undefined;
  const latenciesMs: number[] = [];
  while (stream ? !over.signal.aborted : latenciesMs.length < IDLE_CALLS) {
    const sentMs = performance.now();
    await host.greet('Ada');
    latenciesMs.push(performance.now() - sentMs);
    if (latenciesMs.length % 100 === 0) largest = Math.max(largest, await rssBytes());
  }
  await reading;
  const seconds = (performance.now() - beganMs) / 1_000;
  over.abort();
  await Promise.all(others);
  const sorted = latenciesMs.toSorted((left, right) => left - right);
  return {
    meanwhile,
    calls: sorted.length,
    p50Ms: quantile(sorted, 0.5),
    p99Ms: quantile(sorted, 0.99),
    itemsPerSecond: stream ? ITEMS / seconds : 0,
    grewMebibytes: (largest - before) / MEBIBYTE,
  };
}

async function repeat(until: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  while (!until.aborted) await work();
}

async function readSlowly(): Promise<void> {
  let count = 0;
  for await (const item of greeter.with({ timeoutMs: 120_000 }).count(ITEMS)) {
    count += 1;
    if (item !== count) throw new Error(`item ${count} was ${item}`);
    if (count % READER.items === 0) await pause(READER.pauseMs);
  }
  if (count !== ITEMS) throw new Error(`${count} items of ${ITEMS} arrived`);
}
