/** The client process of the read benchmark: `reads-client ADDRESSES_AS_JSON LEVEL IN_FLIGHT READS`. */
import { connect, type Consistency } from 'decoraft/client';
import { KeyValueClient } from '../examples/key-value/src/generated/key-value.client.js';

const KEYS = 1_000;

const [addresses = '[]', level = 'local', inFlight = '1', reads = '1'] = process.argv.slice(2);
await using cluster = await connect(JSON.parse(addresses) as string[], { connectTimeoutMs: 30_000 });
const users = new KeyValueClient(cluster, 'users').with({
  consistency: level as Consistency,
  timeoutMs: 60_000,
});

await run(Math.ceil(Number(reads) / 4));
const startMs = performance.now();
const latenciesMs = await run(Number(reads));
const perSecond = (latenciesMs.length / (performance.now() - startMs)) * 1_000;
const sorted = latenciesMs.toSorted((left, right) => left - right);
const quantile = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
console.log(JSON.stringify({ perSecond, p50Ms: quantile(0.5), p99Ms: quantile(0.99) }));

/** Keeps `inFlight` reads under way until `count` are answered. @returns Every read's time. */
async function run(count: number): Promise<readonly number[]> {
  const latencies: number[] = [];
  let started = 0;
  const lane = async (): Promise<void> => {
    while (started < count) {
      const key = `key-${started++ % KEYS}`;
      const sentMs = performance.now();
      await users.get(key);
      latencies.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: Number(inFlight) }, lane));
  return latencies;
}
