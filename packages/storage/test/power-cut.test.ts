import { seededRandom } from '@decoraft/base';
import { afterAll, expect, it } from 'vitest';
import { SimulatedDisk } from '../src/simulated-disk.js';
import { openOn, type Sizes } from './support/durable.js';
import { batch } from './support/entries.js';
import { LogTwin } from './support/log-twin.js';

/** Up to so many sectors and names that may be lost or not, all subsets are tried; of more, as many as `SAMPLED`. */
const ALL_SUBSETS_UP_TO = 8;
const SAMPLED = 2 ** ALL_SUBSETS_UP_TO;

const tried = { points: 0, subsets: 0, sampled: 0 };

afterAll(() => {
  const { points, sampled, subsets } = tried;
  const all = `all possible at ${points - sampled} points`;
  process.stdout.write(`power cuts: ${points} points, ${subsets} outcomes, ${all}\n`);
});

/** What is lost, as a list of decisions: 0 stays, 1 is lost. Counts how often it was asked. */
class Decisions {
  asked = 0;
  readonly #decide: (at: number) => number;

  constructor(decide: (at: number) => number) {
    this.#decide = decide;
  }

  readonly next = (): number => (this.#decide(this.asked++) === 0 ? 0.25 : 0.75);
}

interface Script {
  readonly name: string;
  readonly sizes?: Sizes;
  /** Is durable before the power may fail. */
  readonly before: (twin: LogTwin) => void;
  /** While these are under way. */
  readonly during: readonly ((twin: LogTwin) => void)[];
}

const append =
  (first: number, last: number, term: number, bytes: number) =>
  (twin: LogTwin): void =>
    twin.append(batch(first, last, term, bytes));

const SCRIPTS: readonly Script[] = [
  { name: 'two appends', before: append(1, 1, 1, 100), during: [append(2, 2, 1, 600), append(3, 3, 1, 600)] },
  {
    name: 'the step into the next segment',
    before: append(1, 1, 1, 3_000),
    during: [append(2, 2, 1, 900), append(3, 3, 1, 300)],
  },
  {
    name: 'steps into several segments, and their seals',
    before: append(1, 1, 1, 3_000),
    during: [append(2, 2, 1, 3_000), append(3, 3, 1, 3_000), append(4, 4, 1, 100)],
  },
  {
    name: 'a later segment replaces what is in earlier ones',
    sizes: { cacheBytes: 0 },
    before: (twin) => {
      for (let index = 1; index <= 5; index++) append(index, index, 1, 1_800)(twin);
    },
    during: [append(2, 2, 2, 500), append(3, 3, 2, 2_500), append(4, 4, 2, 100)],
  },
  {
    name: 'everything is replaced, and segments are used again',
    before: (twin) => {
      for (let index = 1; index <= 3; index++) append(index, index, 1, 3_000)(twin);
    },
    during: [append(1, 1, 2, 3_000), append(2, 2, 2, 3_000), append(3, 3, 2, 700)],
  },
  {
    name: 'compaction frees segments at once',
    before: (twin) => {
      for (let index = 1; index <= 9; index++) append(index, index, 1, 3_000)(twin);
      twin.save(8);
    },
    during: [(twin) => twin.compact(8), append(10, 10, 1, 700)],
  },
  {
    name: 'an entry that is larger than a segment',
    before: append(1, 1, 1, 100),
    during: [append(2, 2, 1, 5_000), append(3, 3, 1, 100)],
  },
];

it.each(SCRIPTS)(
  '$name: whatever a power cut keeps of it, nothing acknowledged is lost, nothing invented',
  async (script) => {
    for (let operations = 0, isCut = true; isCut; operations++) {
      const first = new Decisions(() => 1);
      isCut = await cut(script, operations, first);
      tried.points++;
      tried.subsets++;
      const { asked } = first;
      const isSampled = asked > ALL_SUBSETS_UP_TO;
      if (isSampled) tried.sampled++;
      const random = seededRandom(operations + 1);
      for (let outcome = 1; outcome < Math.min(2 ** asked, SAMPLED); outcome++) {
        const decide = isSampled ? () => (random() < 0.5 ? 0 : 1) : (at: number) => ((outcome >> at) & 1) ^ 1;
        await cut(script, operations, new Decisions(decide));
        tried.subsets++;
      }
      expect(operations).toBeLessThan(400);
    }
  },
  120_000,
);

/** Lets the power fail before one operation of the script. @returns Whether there was one. */
async function cut(
  { before, during, sizes }: Script,
  operations: number,
  decisions: Decisions,
): Promise<boolean> {
  const disk = new SimulatedDisk();
  const twin = new LogTwin(disk, await openOn(disk, undefined, sizes), sizes);
  before(twin);
  await twin.settle();
  let left = operations;
  disk.beforeOperation = () => {
    if (left-- === 0) disk.crash(decisions.next);
    return undefined;
  };
  for (const act of during) {
    act(twin);
    await Promise.resolve();
  }
  await twin.wait();
  // What runs in the background ends, or meets the cut.
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
  disk.beforeOperation = undefined;
  const isCut = left < 0;
  if (!isCut) disk.crash(decisions.next);
  // What a start shows stays, however it ends.
  await twin.open();
  disk.crash(() => 0.75);
  await twin.open();
  await twin.close();
  return isCut;
}
