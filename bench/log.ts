import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Index, NodeId, Term } from '@decoraft/raft';
import { type DurableStorage, durableStorage, statisticsOf } from '@decoraft/storage';
import { medianOf } from './quantiles.js';

type Log = Awaited<ReturnType<DurableStorage['open']>>;

const TERM = 1 as Term;
const NOBODY = { voters: [], votersOutgoing: [], learners: [], learnersNext: [], autoLeave: false };
const ENTRY_BYTES = 256;
const LEVELS = [
  { waiting: 1, appends: 500 },
  { waiting: 64, appends: 16_000 },
  { waiting: 512, appends: 100_000 },
] as const satisfies readonly Level[];
/** Short and many, in turn with the bare loop: what else the machine does meets both alike. */
const ROUNDS = 15;
/** The log is compacted whenever it grew by so much, as a node does: from then on its segments are used again. */
const COMPACT_EVERY_BYTES = 48 << 20;
const FILL_BYTES = 4 * COMPACT_EVERY_BYTES;
/** The size of the file that the bare loop writes over and over, and of its largest batch. */
const BARE_FILE_BYTES = 64 << 20;
const BARE_BATCH_BYTES = 1 << 20;

/** One row of the table: durable appends of 256 bytes each, the log alone and a bare loop in the same run. */
export interface LogRow {
  readonly waiting: number;
  readonly perSecond: number;
  /** Write and asynchronous fdatasync of all that waits, over a file that is all there; no frame, no checksum. */
  readonly barePerSecond: number;
  /** The median of those of all rounds. */
  readonly ratio: number;
  readonly appendsPerSync: number;
  /** Processor time of an append, all threads together: what the machine's load and the disk's pace do not change. */
  readonly cpuMicros: number;
  readonly bareCpuMicros: number;
}

/** What is measured: so many appends one after the other, as often at once as there are writers. */
interface Appendable {
  append(): Promise<void>;
}

/** Measures log and bare loop in turn, `ROUNDS` times, and takes the round of the median ratio. */
export async function benchLog(): Promise<readonly LogRow[]> {
  const directory = await mkdtemp(join(tmpdir(), 'decoraft-log-'));
  try {
    const storage = durableStorage(join(directory, 'log'));
    const log = new LogUnderTest(await storage.open({ nodeId: 'bench' as NodeId }));
    const bare = await BareLog.create(join(directory, 'bare'));
    await pace(log, { appends: FILL_BYTES / ENTRY_BYTES, waiting: 512 });
    const rows: LogRow[] = [];
    for (const level of LEVELS) {
      const rounds: LogRow[] = [];
      for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(log, bare, level));
      rows.push(medianOf(rounds, ({ ratio }) => ratio));
    }
    await log.close();
    await bare.close();
    return rows;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Level {
  readonly waiting: number;
  readonly appends: number;
}

async function measure(log: LogUnderTest, bare: BareLog, level: Level): Promise<LogRow> {
  const { appends, waiting } = level;
  const before = log.fdatasyncs;
  const { cpuMicros, perSecond } = await pace(log, level);
  const appendsPerSync = appends / (log.fdatasyncs - before);
  const { cpuMicros: bareCpuMicros, perSecond: barePerSecond } = await pace(bare, level);
  const ratio = perSecond / barePerSecond;
  return { waiting, perSecond, barePerSecond, ratio, appendsPerSync, cpuMicros, bareCpuMicros };
}

/** So many writers append, each the next one when the last is durable. */
async function pace(
  log: Appendable,
  { appends, waiting }: Level,
): Promise<{ readonly perSecond: number; readonly cpuMicros: number }> {
  let left = appends;
  const write = async (): Promise<void> => {
    while (left-- > 0) await log.append();
  };
  const startMs = performance.now();
  const cpuBefore = process.cpuUsage();
  await Promise.all(Array.from({ length: waiting }, write));
  const { system, user } = process.cpuUsage(cpuBefore);
  const perSecond = (appends / (performance.now() - startMs)) * 1_000;
  return { perSecond, cpuMicros: (system + user) / appends };
}

class LogUnderTest implements Appendable {
  readonly #log: Log;
  readonly #data = new Uint8Array(ENTRY_BYTES).fill(0x78);
  #compactAt = COMPACT_EVERY_BYTES / ENTRY_BYTES;
  #compacting: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  get fdatasyncs(): number {
    return statisticsOf(this.#log)?.fdatasyncs ?? 0;
  }

  append(): Promise<void> {
    const index = (this.#log.lastIndex() + 1) as Index;
    const entry = { index, term: TERM, kind: 'normal', data: this.#data } as const;
    const appended = this.#log.append({ entries: [entry] });
    if (index >= this.#compactAt) {
      this.#compactAt = index + COMPACT_EVERY_BYTES / ENTRY_BYTES;
      this.#compacting = this.#compact(index);
    }
    return appended;
  }

  async close(): Promise<void> {
    await this.#compacting;
    await this.#log.close();
  }

  async #compact(index: Index): Promise<void> {
    const data = new Uint8Array(1_000);
    const chunks = (async function* () {
      yield data;
    })();
    await this.#log.saveSnapshot({ index, term: TERM, configuration: NOBODY }, chunks);
    await this.#log.compact(index);
  }
}

/** What no log can do without: all that waits in one write and one fdatasync, in a file that is all there. */
class BareLog implements Appendable {
  readonly #file: FileHandle;
  readonly #data = new Uint8Array(ENTRY_BYTES).fill(0x78);
  readonly #batch = new Uint8Array(BARE_BATCH_BYTES);
  #waiting: (() => void)[] = [];
  #flushing = false;
  #position = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(path: string): Promise<BareLog> {
    const file = await open(path, 'w+');
    const zeros = new Uint8Array(1 << 20);
    for (let at = 0; at < BARE_FILE_BYTES; at += zeros.length) await file.write(zeros, 0, zeros.length, at);
    await file.sync();
    return new BareLog(file);
  }

  append(): Promise<void> {
    return new Promise((resolve) => {
      this.#batch.set(this.#data, this.#waiting.length * ENTRY_BYTES);
      this.#waiting.push(resolve);
      if (!this.#flushing) void this.#flush();
    });
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    this.#flushing = true;
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      const length = waiting.length * ENTRY_BYTES;
      if (this.#position + length > BARE_FILE_BYTES) this.#position = 0;
      await this.#file.write(this.#batch, 0, length, this.#position);
      await this.#file.datasync();
      this.#position += length;
      for (const resolve of waiting) resolve();
      // Whoever appends again in this turn shares the next flush.
      await Promise.resolve();
    }
    this.#flushing = false;
  }
}
