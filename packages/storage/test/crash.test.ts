import { createDeferred } from '@decoraft/base';
import type { AppendBatch } from '@decoraft/raft';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type DiskOperation, SimulatedDisk, systemError } from '../src/simulated-disk.js';
import { openOn, type Sizes } from './support/durable.js';
import { at as index, entries, hardState } from './support/entries.js';
import { LogTwin, snapshotAt } from './support/log-twin.js';
import type { WholeBatch } from './support/snapshots.js';

/** What is asked of a log, without waiting for it. */
type Call =
  /** Appends `count` entries, the first `back` below the end, or a hard state, or both. */
  | {
      readonly kind: 'append';
      readonly back: number;
      readonly count: number;
      readonly bytes: number;
      readonly vote: boolean;
      /** The last entry is of the next term. */
      readonly twoTerms: boolean;
    }
  | { readonly kind: 'commit' }
  /** Takes a snapshot `back` below the end. */
  | { readonly kind: 'save'; readonly back: number }
  /** Compacts up to `back` below the newest snapshot. */
  | { readonly kind: 'compact'; readonly back: number }
  /** Takes a leader's snapshot, of the log as it is, of another one at its length, or of a longer one. */
  | {
      readonly kind: 'install';
      readonly of: 'this' | 'another' | 'longer';
      readonly distance: number;
      readonly count: number;
      readonly vote: boolean;
    };

type Step =
  | Call
  | { readonly kind: 'settle' }
  | { readonly kind: 'turn' }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'kill' }
  | { readonly kind: 'crash' }
  /** The operation after `after` more of them fails, and the cache forgets what was not flushed. */
  | { readonly kind: 'fault'; readonly after: number; readonly operation: DiskOperation; readonly call: Call }
  /** The machine stops before one of the next operations, while all that is asked is under way. */
  | { readonly kind: 'crashAt'; readonly operations: number; readonly calls: readonly Call[] }
  /** The machine stops, and once more `operations` into the start that follows. */
  | { readonly kind: 'crashAtStart'; readonly operations: number };

const call: fc.Arbitrary<Call> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      back: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(40) }),
      count: fc.nat(4),
      bytes: fc.oneof(fc.nat(40), fc.nat(900), fc.integer({ min: 3_900, max: 6_000 })),
      vote: fc.boolean(),
      twoTerms: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ kind: 'commit' as const }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('save' as const), back: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('compact' as const), back: fc.nat(3) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('install' as const),
      of: fc.constantFrom('this' as const, 'another' as const, 'longer' as const),
      distance: fc.nat(5),
      count: fc.nat(2),
      vote: fc.boolean(),
    }),
  },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 24, arbitrary: call },
  { weight: 4, arbitrary: fc.constant({ kind: 'settle' as const }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'turn' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reopen' as const }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'kill' as const }) },
  { weight: 3, arbitrary: fc.constant({ kind: 'crash' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('fault' as const),
      after: fc.nat(5),
      operation: fc.constantFrom<DiskOperation>('write', 'fdatasync', 'rename', 'fsyncDirectory', 'remove'),
      call,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('crashAt' as const),
      operations: fc.nat(30),
      calls: fc.array(call, { minLength: 1, maxLength: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crashAtStart' as const), operations: fc.nat(20) }),
  },
);

/** Runs steps on a log and its twin. */
class Runner {
  readonly #twin: LogTwin;
  #term = 1;

  constructor(twin: LogTwin) {
    this.#twin = twin;
  }

  async run(action: Step): Promise<void> {
    const { disk } = this.#twin;
    switch (action.kind) {
      case 'append':
      case 'commit':
      case 'save':
      case 'compact':
      case 'install':
        await this.ask(action);
        break;
      case 'turn':
        await Promise.resolve();
        break;
      case 'settle':
        await this.#twin.settle();
        break;
      case 'reopen':
        await this.#twin.reopen();
        break;
      case 'kill':
        disk.kill();
        await this.#twin.open();
        break;
      case 'crash':
        disk.crash();
        await this.#twin.open();
        break;
      case 'fault':
        await this.#fail(action);
        break;
      case 'crashAt':
        await this.crashAt(action.operations, action.calls);
        break;
      case 'crashAtStart':
        disk.crash();
        await this.#crashAtStart(action.operations);
        await this.#twin.open();
        break;
    }
    this.#twin.check();
  }

  async ask(asked: Call): Promise<void> {
    const twin = this.#twin;
    switch (asked.kind) {
      case 'append':
        twin.append(this.#batchOf(asked));
        break;
      case 'commit': {
        const before = twin.shown.hardState;
        const commit = index(Math.ceil((before.commit + twin.lastIndex) / 2));
        twin.append({ entries: [], hardState: { ...before, commit } });
        break;
      }
      case 'save': {
        const at = Math.max(twin.lastIndex - asked.back, twin.shown.beginning.index);
        if (at > 0) twin.save(at);
        break;
      }
      case 'compact':
        twin.compact(twin.snapshotIndex - asked.back);
        break;
      case 'install':
        await twin.install(this.#installationOf(asked));
        break;
    }
  }

  /** Asks all at once; the machine stops when that many operations have begun, or at the end. Tells whether it did. */
  async crashAt(operations: number, calls: readonly Call[]): Promise<boolean> {
    const { disk } = this.#twin;
    let left = operations;
    disk.beforeOperation = () => {
      if (left-- === 0) disk.crash();
      return undefined;
    };
    for (const asked of calls) {
      await this.ask(asked);
      await Promise.resolve();
    }
    await this.#twin.wait();
    disk.beforeOperation = undefined;
    disk.crash();
    await this.#twin.open();
    return left < 0;
  }

  #batchOf({ back, bytes, count, twoTerms, vote }: Extract<Call, { kind: 'append' }>): AppendBatch {
    if (back > 0) this.#term++;
    const last = this.#twin.lastIndex;
    const first = Math.max(this.#twin.settledIndex + 1, last + 1 - back);
    const made = entries(first, first + count - 1, this.#term, bytes);
    if (twoTerms && count > 0) made.push(...entries(first + count, first + count, ++this.#term, bytes));
    return { entries: made, ...this.#stateOf(vote) };
  }

  #installationOf({ count, distance, of, vote }: Extract<Call, { kind: 'install' }>): WholeBatch {
    const twin = this.#twin;
    const last = twin.lastIndex;
    const settled = twin.settledIndex;
    const isThis = of === 'this' && last > 0;
    if (!isThis) this.#term++;
    // A leader's snapshot holds what is committed: nothing behind what this node has settled is another.
    const oldest = isThis ? Math.max(1, twin.snapshotIndex, settled) : settled + 1;
    const at = of === 'longer' ? last + 1 + distance : Math.max(oldest, last - distance);
    const term = isThis ? twin.term(at) : this.#term;
    const following = entries(at + 1, at + count, Math.max(term, this.#term));
    return { snapshot: snapshotAt(at, term), entries: following, ...this.#stateOf(vote) };
  }

  #stateOf(vote: boolean): Pick<AppendBatch, 'hardState'> {
    if (!vote) return {};
    this.#term++;
    const { commit } = this.#twin.shown.hardState;
    return { hardState: hardState(this.#term, `${this.#term % 3}`, commit) };
  }

  /** Lets an operation fail under what is asked; the process ends on it, and what was not told is open. */
  async #fail({ after, call: asked, operation }: Extract<Step, { kind: 'fault' }>): Promise<void> {
    const { disk } = this.#twin;
    let left = after;
    disk.fault = (done) => (done === operation && left-- <= 0 ? systemError('EIO') : undefined);
    for (let at = 0; at < 4; at++) {
      await this.ask({ kind: 'append', back: 0, bytes: 1_500, count: 1, twoTerms: false, vote: false });
      await this.ask({ kind: 'save', back: 1 });
      await this.ask(asked);
      await this.#twin.wait();
    }
    disk.fault = undefined;
    disk.forgetUnflushed();
    disk.kill();
    await this.#twin.open();
    // What a start has told must survive the machine.
    disk.crash();
    await this.#twin.open();
  }

  async #crashAtStart(operations: number): Promise<void> {
    const { disk } = this.#twin;
    const crash = createDeferred<void>();
    let left = operations;
    disk.beforeOperation = () => {
      if (left-- <= 0) crash.resolve();
      return undefined;
    };
    const opened = openOn(disk).then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([crash.promise, opened]);
    disk.beforeOperation = undefined;
    disk.crash();
    await opened;
  }
}

const RUNS = Number(process.env['DECORAFT_STORAGE_RUNS'] ?? 150);

async function runnerOn(disk: SimulatedDisk, sizes: Sizes = {}): Promise<Runner> {
  return new Runner(new LogTwin(disk, await openOn(disk, undefined, sizes), sizes));
}

/** Segments in which a few records fit, or many; caches that hold nothing, something, everything. */
const sizes: fc.Arbitrary<Sizes> = fc.record({
  segmentBytes: fc.constantFrom(4_096, 4_096, 20_000, 300_000),
  cacheBytes: fc.constantFrom(0, 3_000, 20_000, Infinity),
});

it(
  'whatever is asked and whenever it crashes: a state is found that was shown and not older than what was acknowledged',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 60 }),
        fc.nat(),
        fc.constantFrom(Infinity, 100, 1_000),
        sizes,
        async (steps, seed, maxWriteBytes, chosen) => {
          const disk = new SimulatedDisk(seed);
          disk.maxWriteBytes = maxWriteBytes;
          const runner = await runnerOn(disk, chosen);
          for (const action of [...steps, { kind: 'crash' as const }]) await runner.run(action);
        },
      ),
      { numRuns: RUNS },
    );
    // On a machine that does nothing else a run takes some 50 milliseconds.
  },
  Math.max(120_000, RUNS * 1_000),
);

const APPEND: Call = { kind: 'append', back: 0, bytes: 900, count: 3, twoTerms: false, vote: true };
const SAVE: Call = { kind: 'save', back: 1 };
const COMPACT: Call = { kind: 'compact', back: 0 };
const install = (of: 'this' | 'another' | 'longer'): Call => ({
  kind: 'install',
  of,
  distance: 1,
  count: 1,
  vote: true,
});

it("a leader's snapshot is installed whenever this node's own of the same place becomes durable", async () => {
  for (let turns = 0; turns < 150; turns++) {
    const runner = await runnerOn(new SimulatedDisk());
    await runner.run(APPEND);
    await runner.run({ kind: 'settle' });
    for (const back of [2, 1, 0]) await runner.ask({ kind: 'save', back });
    for (let turn = 0; turn < turns; turn++) await runner.run({ kind: 'turn' });
    await runner.run({ kind: 'install', of: 'this', distance: 0, count: 0, vote: false });
    await runner.run({ kind: 'settle' });
  }
});

it.each<[string, readonly Call[]]>([
  ['a snapshot is saved', [SAVE, APPEND, SAVE]],
  ['the log is compacted', [COMPACT, APPEND, APPEND, APPEND]],
  ['a longer log is installed', [APPEND, install('longer'), APPEND, APPEND]],
  ['another log is installed', [APPEND, install('another'), APPEND]],
  ['what the log has is installed', [APPEND, install('this'), APPEND]],
  ['two snapshots are installed at once', [install('longer'), install('longer'), SAVE, COMPACT]],
])('%s: the machine may stop before any operation of it', async (_, calls) => {
  for (let operations = 0, crashed = true; crashed; operations++) {
    for (let seed = 1; seed <= 4; seed++) {
      const runner = await runnerOn(new SimulatedDisk(seed));
      for (const before of [APPEND, APPEND, SAVE]) {
        await runner.run(before);
        await runner.run({ kind: 'settle' });
      }
      crashed = await runner.crashAt(operations, calls);
      await runner.run(APPEND);
      await runner.run({ kind: 'reopen' });
    }
    expect(operations).toBeLessThan(300);
  }
});
