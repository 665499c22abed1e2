/**
 * Writes a log of one gigabyte, opens it again and reads all of it, and says what memory and start cost beside a bare
 * read of the same bytes. `npx tsx bench/log-memory.ts [MEGABYTES]`; entries are of 1,000 bytes.
 */
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Index, NodeId, Term } from '@decoraft/raft';
import { durableStorage, type MeasuredLogStore } from '@decoraft/storage';

const ENTRY_BYTES = 1_000;
const ENTRIES_PER_BATCH = 500;
const CACHE_BYTES = 32 << 20;
const MESSAGE_BYTES = 1 << 20;
const MEBIBYTE = 1 << 20;

const entries = Math.floor((Number(process.argv[2] ?? 1_000) * 1e6) / ENTRY_BYTES);
const directory = await mkdtemp(join(tmpdir(), 'decoraft-memory-'));
const storage = durableStorage(directory, { cacheBytes: CACHE_BYTES });
const openLog = (): Promise<MeasuredLogStore> => storage.open({ nodeId: 'bench' as NodeId });

/** The most that the process took, and the most of it that the cache says to hold; looked at again and again. */
const peak = { rss: 0, cached: 0 };
function look(log: MeasuredLogStore): void {
  peak.rss = Math.max(peak.rss, process.memoryUsage().rss);
  peak.cached = Math.max(peak.cached, log.statistics().cachedBytes);
}

function tell(what: string, facts: Record<string, number>): void {
  const words = Object.entries(facts).map(([name, value]) => `${name} ${value.toFixed(1)}`);
  console.log(`${what}: ${words.join(', ')}`);
}

async function seconds(act: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await act();
  return (performance.now() - startMs) / 1_000;
}

async function write(log: MeasuredLogStore): Promise<void> {
  for (let first = 1; first <= entries; first += ENTRIES_PER_BATCH) {
    const batch = Array.from({ length: ENTRIES_PER_BATCH }, (_, at) => ({
      index: (first + at) as Index,
      term: 1 as Term,
      kind: 'normal' as const,
      data: new Uint8Array(ENTRY_BYTES).fill(at),
    }));
    await log.append({ entries: batch });
    look(log);
  }
}

/** @returns The longest that one call blocked the process, in milliseconds. */
function readBack(log: MeasuredLogStore): number {
  let longestMs = 0;
  for (let next = log.firstIndex(); next <= log.lastIndex();) {
    const startMs = performance.now();
    const read = log.entries(next, (log.lastIndex() + 1) as Index, MESSAGE_BYTES);
    longestMs = Math.max(longestMs, performance.now() - startMs);
    next = (next + read.length) as Index;
    look(log);
  }
  return longestMs;
}

async function readBare(): Promise<number> {
  const buffer = new Uint8Array(MEBIBYTE);
  let bytes = 0;
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    const file = await open(path, 'r');
    for (let left = (await stat(path)).size; left > 0; left -= buffer.length) {
      bytes += (await file.read(buffer, 0, buffer.length)).bytesRead;
    }
    await file.close();
  }
  return bytes;
}

try {
  tell('before', { rssMiB: process.memoryUsage().rss / MEBIBYTE });
  let log = await openLog();
  const writing = await seconds(() => write(log));
  tell(`${entries} entries written`, {
    seconds: writing,
    rssMiB: peak.rss / MEBIBYTE,
    cachedMiB: peak.cached / MEBIBYTE,
  });
  await log.close();
  peak.rss = peak.cached = 0;
  const opening = await seconds(async () => (log = await openLog()));
  look(log);
  tell('opened again', { seconds: opening, rssMiB: peak.rss / MEBIBYTE, cachedMiB: peak.cached / MEBIBYTE });
  let longestMs = 0;
  const reading = await seconds(async () => void (longestMs = readBack(log)));
  tell('all of it read back', { seconds: reading, longestCallMs: longestMs, rssMiB: peak.rss / MEBIBYTE });
  await log.close();
  let bytes = 0;
  const bare = await seconds(async () => (bytes = await readBare()));
  tell('the same files read bare', { seconds: bare, MiB: bytes / MEBIBYTE });
} finally {
  await rm(directory, { recursive: true, force: true });
}
