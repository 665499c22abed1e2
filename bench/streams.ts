/**
 * 100,000 items of 1 KiB to a slow reader, and as many from the client to a slow handler, while unary calls go on at a
 * steady rate on the same connection: their latency beside that of the idle connection, and what memory both processes
 * took meanwhile. All of the items together are 98 MiB: whoever held them would show it.
 *
 *     npx tsx bench/streams.ts
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type Channel, decodeValue, methodId, openChannel, serviceId } from '@decoraft/rpc';
import { MemoryPeak } from './memory-peak.js';
import { Pace } from './pace.js';
import { program, RUNS_TYPESCRIPT } from './processes.js';
import { quantile } from './quantiles.js';

export interface StreamsBenchRow {
  readonly direction: 'to a slow reader' | 'to a slow handler';
  readonly items: number;
  readonly seconds: number;
  /** What each process held more than before, at most. */
  readonly clientPeakMiB: number;
  readonly serverPeakMiB: number;
  /** Milliseconds of unary calls on the same connection, from when each was due. */
  readonly idleP50: number;
  readonly idleP99: number;
  readonly p50: number;
  readonly p99: number;
}

export interface StreamsBenchOptions {
  readonly items?: number;
  /** How many items are read before the reader pauses for a millisecond, or what the system makes of it. */
  readonly pauseEvery?: number;
}

const CALLS_PER_SECOND = 500;
const IDLE_MS = 3_000;
const ITEM_BYTES = 1_024;
const MEBIBYTE = 1 << 20;
const SERVICE = serviceId('streams');

export async function benchStreams(options: StreamsBenchOptions = {}): Promise<readonly StreamsBenchRow[]> {
  const { items = 100_000, pauseEvery = 20 } = options;
  const server = fork(program('streams-server'), { execArgv: [...RUNS_TYPESCRIPT] });
  const [address] = await once(server, 'message');
  const channel = await openChannel(String(address));
  try {
    const toReader = () => readSlowly(channel, items, pauseEvery);
    const toHandler = () => sendAll(channel, items, pauseEvery);
    return [
      await measure(channel, 'to a slow reader', items, toReader),
      await measure(channel, 'to a slow handler', items, toHandler),
    ];
  } finally {
    channel.close();
    server.disconnect();
  }
}

async function measure(
  channel: Channel,
  direction: StreamsBenchRow['direction'],
  items: number,
  work: () => Promise<void>,
): Promise<StreamsBenchRow> {
  await latenciesWhile(channel, () => pause(IDLE_MS));
  const idle = await latenciesWhile(channel, () => pause(IDLE_MS));
  const peak = new MemoryPeak();
  await serverPeak(channel);
  const startMs = performance.now();
  const busy = await latenciesWhile(channel, work);
  return {
    direction,
    items,
    seconds: (performance.now() - startMs) / 1_000,
    clientPeakMiB: peak.take() / MEBIBYTE,
    serverPeakMiB: (await serverPeak(channel)) / MEBIBYTE,
    idleP50: quantile(idle, 0.5),
    idleP99: quantile(idle, 0.99),
    p50: quantile(busy, 0.5),
    p99: quantile(busy, 0.99),
  };
}

/** Of unary calls, sorted. */
async function latenciesWhile(channel: Channel, work: () => Promise<void>): Promise<readonly number[]> {
  const payload = new Uint8Array(64);
  const pace = new Pace(CALLS_PER_SECOND, async () => {
    await channel.call(SERVICE, methodId('echo'), payload, { timeoutMs: 10_000 });
  });
  const latenciesMs = await pace.whileRunning(work);
  return latenciesMs.toSorted((left, right) => left - right);
}

async function readSlowly(channel: Channel, items: number, pauseEvery: number): Promise<void> {
  let count = 0;
  for await (const item of channel.stream(SERVICE, methodId('list'), number(items))) {
    count += item.length / ITEM_BYTES;
    if (count % pauseEvery === 0) await pause(1);
  }
  if (count !== items) throw new Error(`${count} items came of ${items}`);
}

async function sendAll(channel: Channel, items: number, pauseEvery: number): Promise<void> {
  async function* produce(): AsyncIterable<Uint8Array> {
    for (let left = items; left > 0; left--) yield new Uint8Array(ITEM_BYTES);
  }
  const reply = await channel.clientStream(SERVICE, methodId('gather'), number(pauseEvery), produce());
  if (decodeValue(reply) !== items) throw new Error(`${String(decodeValue(reply))} items came of ${items}`);
}

async function serverPeak(channel: Channel): Promise<number> {
  return Number(decodeValue(await channel.call(SERVICE, methodId('peak'), new Uint8Array())));
}

function number(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.table(await benchStreams());
