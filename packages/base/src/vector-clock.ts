import { compareText } from './compare-text.js';
import { CodedError } from './errors.js';

/**
 * How many events of each node a history holds. A node that is missing has counted zero. Plain data: a field of a machine,
 * an argument and a result may be one, and a node's name is only data, whatever it spells.
 */
export type VectorClock = ReadonlyMap<string, number>;

/** How one clock stands to another; exactly one of these holds. */
export type ClockRelation = 'equal' | 'before' | 'after' | 'concurrent';

/** A clock for what knows no maps, such as JSON: equal clocks give equal arrays. */
export type EncodedClock = readonly (readonly [node: string, count: number])[];

/**
 * Vector clocks tell whether one history contains another, is contained in it, or neither, without any clock on a wall.
 * All of these are pure: they change nothing that they are given, and give the same everywhere.
 *
 * All throw CodedError `InvalidArgument` that names what is no clock, no name of a node, or no count.
 *
 * ```ts
 * const mine = vectorClock.increment(vectorClock.zero, 'a');
 * vectorClock.compare(mine, vectorClock.merge(mine, theirs)); // 'before', or 'equal'
 * ```
 */
export const vectorClock = {
  /** Nothing has happened. */
  get zero(): VectorClock {
    return new Map();
  },

  /** The clock after one more event of this node. Counts end at 2^53 - 1. */
  increment(clock: VectorClock, node: string): VectorClock {
    checkClock(clock);
    if (typeof node !== 'string') throw invalid(`${shown(node)} is no name of a node`);
    const count = countOf(clock, node) + 1;
    checkCount(node, count);
    return new Map(clock).set(node, count);
  },

  /** The clock of both histories together: of every node the higher count. Commutative, associative, idempotent. */
  merge(one: VectorClock, other: VectorClock): VectorClock {
    checkClock(one);
    checkClock(other);
    const merged = new Map(one);
    for (const [node, count] of other) if (count > countOf(one, node)) merged.set(node, count);
    return merged;
  },

  /**
   * How `one` stands to `other`: `before` when all of it is in the other, which holds more; `after` the other way round;
   * `concurrent` when each holds what the other does not.
   */
  compare(one: VectorClock, other: VectorClock): ClockRelation {
    checkClock(one);
    checkClock(other);
    const hasMore = exceeds(one, other);
    const hasLess = exceeds(other, one);
    if (hasMore) return hasLess ? 'concurrent' : 'after';
    return hasLess ? 'before' : 'equal';
  },

  /** As arrays, the same for all clocks that are equal: sorted by node, without zeros. */
  encode(clock: VectorClock): EncodedClock {
    checkClock(clock);
    const counted = [...clock].filter(([, count]) => count > 0);
    return counted.toSorted(([left], [right]) => compareText(left, right));
  },

  /** What {@link encode} gave, in whatever order; refuses a node that comes twice. */
  decode(encoded: unknown): VectorClock {
    if (!Array.isArray(encoded)) throw invalid(`${shown(encoded)} is no array of nodes and counts`);
    const clock = new Map<string, number>();
    for (const entry of encoded as readonly unknown[]) {
      if (!isPair(entry)) throw invalid(`${shown(entry)} is no pair of a node and its count`);
      const [node, count] = entry;
      checkEntry(node, count);
      if (clock.has(node)) throw invalid(`node ${node} comes twice`);
      clock.set(node, count as number);
    }
    return clock;
  },
} as const;

const countOf = (clock: VectorClock, node: string): number => clock.get(node) ?? 0;

/** Whether some node has counted more in `one` than in `other`. */
function exceeds(one: VectorClock, other: VectorClock): boolean {
  for (const [node, count] of one) if (count > countOf(other, node)) return true;
  return false;
}

function checkClock(clock: unknown): void {
  if (!(clock instanceof Map)) throw invalid(`${shown(clock)} is no map of counts by node`);
  for (const [node, count] of clock as Map<unknown, unknown>) checkEntry(node, count);
}

function checkEntry(node: unknown, count: unknown): asserts node is string {
  if (typeof node !== 'string') throw invalid(`${shown(node)} is no name of a node`);
  checkCount(node, count);
}

function checkCount(node: string, count: unknown): void {
  if (Number.isSafeInteger(count) && (count as number) >= 0) return;
  throw invalid(`${shown(count)} is no count of node ${node}: whole numbers from 0 to 2^53 - 1 are`);
}

const isPair = (entry: unknown): entry is readonly [unknown, unknown] =>
  Array.isArray(entry) && entry.length === 2;

/** As JSON, but for numbers, which that does not know all. */
const shown = (value: unknown): string =>
  typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? typeof value);

const invalid = (words: string): CodedError => new CodedError('InvalidArgument', `vector clock: ${words}`);
