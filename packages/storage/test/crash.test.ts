import { createDeferred } from '@decoraft/base';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AppendBatch, Entry, HardState } from '@decoraft/raft';
import type { MeasuredLogStore } from '../src/storage.js';
import { openOn } from './support/durable.js';
import { allEntries, at as index, entries, hardState } from './support/entries.js';
import { type DiskOperation, SimulatedDisk, systemError } from '../src/simulated-disk.js';

/** What a log is, said as simply as can be: one state after every append. */
interface State {
  readonly entries: readonly Entry[];
  readonly hardState: HardState;
}

type Step =
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
  | { readonly kind: 'settle' }
  | { readonly kind: 'turn' }
  | { readonly kind: 'reopen' }
  | { readonly kind: 'kill' }
  | { readonly kind: 'crash' }
  /** The operation after `after` more of them fails, and the cache forgets what was not flushed. */
  | { readonly kind: 'fault'; readonly after: number; readonly operation: 'write' | 'fdatasync' | 'rename' }
  /** The machine stops, and once more `operations` into the start that follows. */
  | { readonly kind: 'crashAtStart'; readonly operations: number };

const step: fc.Arbitrary<Step> = fc.oneof(
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
      operation: fc.constantFrom('write' as const, 'fdatasync' as const, 'rename' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crashAtStart' as const), operations: fc.nat(12) }),
  },
);

/** The log under test beside all states that it went through since what was last known to be durable. */
class Twin {
  readonly #disk: SimulatedDisk;
  #log: MeasuredLogStore;
  /** The first is durable; the last is what the log shows. */
  #states: State[] = [{ entries: [], hardState: hardState(0) }];
  #pending: Promise<void>[] = [];
  #term = 1;

  constructor(disk: SimulatedDisk, log: MeasuredLogStore) {
    this.#disk = disk;
    this.#log = log;
  }

  async run(action: Step): Promise<void> {
    switch (action.kind) {
      case 'append':
        this.#append(this.#batchOf(action));
        break;
      case 'commit':
        this.#commit();
        break;
      case 'turn':
        await Promise.resolve();
        break;
      case 'settle':
        await Promise.all(this.#pending);
        this.#pending = [];
        break;
      case 'reopen':
        await this.#log.close();
        await this.#open(this.#states.length - 1);
        break;
      case 'kill':
        this.#disk.kill();
        await this.#open(0);
        break;
      case 'crash':
        this.#disk.crash();
        await this.#open(0);
        break;
      case 'fault':
        await this.#fail(action.operation, action.after);
        break;
      case 'crashAtStart':
        this.#disk.crash();
        await this.#crashAtStart(action.operations);
        await this.#open(0);
        break;
    }
    expect(allEntries(this.#log)).toEqual(this.#shown.entries);
  }

  get #shown(): State {
    return this.#states.at(-1) as State;
  }

  #batchOf({ back, bytes, count, twoTerms, vote }: Extract<Step, { kind: 'append' }>): AppendBatch {
    const last = this.#shown.entries.length;
    if (back > 0) this.#term++;
    const { commit } = this.#shown.hardState;
    // What is committed is never replaced (§5.4.3).
    const first = Math.max(commit + 1, last + 1 - back);
    const made = entries(first, first + count - 1, this.#term, bytes);
    if (twoTerms && count > 0) made.push(...entries(first + count, first + count, ++this.#term, bytes));
    if (vote) this.#term++;
    return vote
      ? { entries: made, hardState: hardState(this.#term, `${this.#term % 3}`, commit) }
      : { entries: made };
  }

  #commit(): void {
    const before = this.#shown.hardState;
    const commit = index(Math.ceil((before.commit + this.#log.lastIndex()) / 2));
    this.#append({ entries: [], hardState: { ...before, commit } });
  }

  #append(batch: AppendBatch): void {
    const before = this.#shown;
    const first = batch.entries[0];
    const after: State = {
      entries: first ? [...before.entries.slice(0, first.index - 1), ...batch.entries] : before.entries,
      hardState: batch.hardState ?? before.hardState,
    };
    this.#states.push(after);
    const durable = this.#log.append(batch).then(
      () => void this.#states.splice(0, Math.max(0, this.#states.indexOf(after))),
      () => undefined,
    );
    this.#pending.push(durable);
  }

  /** Lets an operation fail under what is appended; the process ends on it, and what was not told is open. */
  async #fail(operation: DiskOperation, after: number): Promise<void> {
    let left = after;
    this.#disk.fault = (done) => (done === operation && left-- <= 0 ? systemError('EIO') : undefined);
    for (let at = 0; at < 4; at++) {
      this.#append(
        this.#batchOf({ kind: 'append', back: 0, bytes: 1_500, count: 1, twoTerms: false, vote: false }),
      );
      await Promise.all(this.#pending);
    }
    this.#disk.fault = undefined;
    this.#disk.forgetUnflushed();
    this.#disk.kill();
    await this.#open(0);
    // What a start has told must survive the machine.
    this.#disk.crash();
    await this.#open(0);
  }

  async #crashAtStart(operations: number): Promise<void> {
    const crash = createDeferred<void>();
    let left = operations;
    this.#disk.fault = () => {
      if (left-- <= 0) crash.resolve();
      return undefined;
    };
    const opened = openOn(this.#disk).then(
      () => undefined,
      () => undefined,
    );
    await Promise.race([crash.promise, opened]);
    this.#disk.fault = undefined;
    this.#disk.crash();
    await opened;
  }

  /** What is there afterwards is one of the states from `oldest` on, whole. */
  async #open(oldest: number): Promise<void> {
    const candidates = this.#states.slice(oldest);
    await Promise.all(this.#pending);
    this.#pending = [];
    this.#log = await openOn(this.#disk);
    const found: State = { entries: allEntries(this.#log), hardState: this.#log.hardState() };
    expect(candidates.filter((candidate) => isSame(candidate, found))).not.toEqual([]);
    this.#states = [found];
  }
}

/** A commit index is a hint: an older one may be found. */
function isSame(left: State, right: State): boolean {
  return (
    left.hardState.term === right.hardState.term &&
    left.hardState.vote === right.hardState.vote &&
    left.hardState.commit >= right.hardState.commit &&
    left.entries.length === right.entries.length &&
    left.entries.every((entry, place) => {
      const other = right.entries[place];
      return other?.term === entry.term && Buffer.compare(other.data, entry.data) === 0;
    })
  );
}

it('whatever is appended and whenever it crashes: a state is found that was shown and not older than what was acknowledged', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 60 }),
      fc.nat(),
      fc.constantFrom(Infinity, 100, 1_000),
      async (steps, seed, maxWriteBytes) => {
        const disk = new SimulatedDisk(seed);
        disk.maxWriteBytes = maxWriteBytes;
        const twin = new Twin(disk, await openOn(disk));
        for (const action of [...steps, { kind: 'crash' as const }]) await twin.run(action);
      },
    ),
    { numRuns: Number(process.env['DECORAFT_STORAGE_RUNS'] ?? 150) },
  );
}, 60_000);
