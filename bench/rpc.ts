/**
 * Unary calls per second through the RPC layer, beside a raw client and server that batch in the same way: client
 * and server in two processes, the two measured in turn in short rounds, medians of the rounds.
 *
 *     npx tsx bench/rpc.ts
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { callValue, openChannel } from '@decoraft/rpc';
import { median, quantile } from './quantiles.js';
import { RawClient } from './rpc-raw.js';

export interface RpcBenchRow {
  /** Calls that wait for their reply at any time. */
  readonly inFlight: number;
  readonly rawPerSecond: number;
  readonly rpcPerSecond: number;
  /** Of the two in the same round; the median of all rounds. */
  readonly ratio: number;
  /** Milliseconds from call to reply through the RPC layer. */
  readonly p50: number;
  readonly p99: number;
}

export interface RpcBenchOptions {
  readonly inFlight?: readonly number[];
  readonly rounds?: number;
  readonly roundMs?: number;
}

type Call = (key: string, value: string) => Promise<unknown>;

const VALUE = 'v'.repeat(64);
const KEYS = Array.from({ length: 1_000 }, (_, index) => `key-${index}`);

export async function benchRpc(options: RpcBenchOptions = {}): Promise<readonly RpcBenchRow[]> {
  const { inFlight = [64, 512], rounds = 9, roundMs = 500 } = options;
  const server = fork(fileURLToPath(new URL('rpc-server.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  const [addresses] = await once(server, 'message');
  const channel = await openChannel(addresses.rpc);
  const client = await RawClient.connect(addresses.raw);
  const throughRpc: Call = (key, value) =>
    callValue(channel, 'entries', 'set', [key, value], { timeoutMs: 10_000 });
  const throughRaw: Call = (key, value) => client.call('set', [key, value]);
  try {
    const rows: RpcBenchRow[] = [];
    for (const count of inFlight) rows.push(await compare(throughRaw, throughRpc, count, rounds, roundMs));
    return rows;
  } finally {
    channel.close();
    client.close();
    server.disconnect();
  }
}

async function compare(
  raw: Call,
  rpc: Call,
  inFlight: number,
  rounds: number,
  roundMs: number,
): Promise<RpcBenchRow> {
  await measure(raw, inFlight, roundMs, []);
  await measure(rpc, inFlight, roundMs, []);
  const pairs: { readonly raw: number; readonly rpc: number }[] = [];
  const latenciesMs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    pairs.push({
      raw: await measure(raw, inFlight, roundMs, []),
      rpc: await measure(rpc, inFlight, roundMs, latenciesMs),
    });
  }
  latenciesMs.sort((left, right) => left - right);
  return {
    inFlight,
    rawPerSecond: median(pairs.map((pair) => pair.raw)),
    rpcPerSecond: median(pairs.map((pair) => pair.rpc)),
    ratio: median(pairs.map((pair) => pair.rpc / pair.raw)),
    p50: quantile(latenciesMs, 0.5),
    p99: quantile(latenciesMs, 0.99),
  };
}

/** Keeps `inFlight` calls going for `roundMs` and gives how many came back in a second. */
async function measure(
  call: Call,
  inFlight: number,
  roundMs: number,
  latenciesMs: number[],
): Promise<number> {
  const startMs = performance.now();
  let count = 0;
  const worker = async () => {
    for (;;) {
      const calledMs = performance.now();
      if (calledMs - startMs >= roundMs) return;
      await call(KEYS[count % KEYS.length] ?? '', VALUE);
      count += 1;
      latenciesMs.push(performance.now() - calledMs);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (count * 1_000) / (performance.now() - startMs);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await benchRpc());
