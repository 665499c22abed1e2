import { assertInvariant } from '@decoraft/base';
import { type Operation, showValue } from '../history.js';

/** The end of a list. */
const END = -1;
const BITS = 32;

/**
 * The operations that have no place in the order yet. Each has a number: those with a known result first, then those
 * that ended in the unknown, both by invocation.
 *
 * The known ones stand in one linked list of invocations and returns by time (as in porcupine), from which an operation
 * is lifted when it is placed; the unknown ones, which never return, in a second list. Whatever was invoked before the
 * first return in the list may come next.
 */
export class Timeline<Input, Output> {
  readonly #operations: readonly Operation<Input, Output>[];
  readonly #knownCount: number;
  /** Event `number` is the invocation of an operation, event `knownCount + number` is its return. */
  readonly #events: LinkedOrder;
  readonly #returnOrder: readonly number[];
  readonly #returnRank: Int32Array;
  readonly #unknown: LinkedOrder;
  /** The unknown operation with an equal input before this one; `END` where there is none. */
  readonly #twinBefore: Int32Array;
  readonly #placed: Int32Array;
  #knownLeft: number;

  /** @param operations None that failed for certain. */
  constructor(operations: readonly Operation<Input, Output>[]) {
    const byInvocation = operations.toSorted((left, right) => left.invoked.sequence - right.invoked.sequence);
    const known = byInvocation.filter(({ outcome }) => outcome.kind === 'returned');
    const unknown = byInvocation.filter(({ outcome }) => outcome.kind === 'unknown');
    this.#operations = [...known, ...unknown];
    this.#knownCount = known.length;
    this.#knownLeft = known.length;
    this.#placed = new Int32Array(Math.ceil(this.#operations.length / BITS));

    const timeOf = (event: number): number =>
      event < known.length ? invocationOf(known[event]) : returnOf(known[event - known.length]);
    const events = Array.from({ length: known.length * 2 }, (_, event) => event);
    events.sort((left, right) => timeOf(left) - timeOf(right));
    this.#events = new LinkedOrder(events, known.length * 2);
    this.#returnOrder = events.filter((event) => event >= known.length).map((event) => event - known.length);
    this.#returnRank = new Int32Array(known.length);
    for (const [rank, number] of this.#returnOrder.entries()) this.#returnRank[number] = rank;

    const unknownNumbers = unknown.map((_, at) => known.length + at);
    this.#unknown = new LinkedOrder(unknownNumbers, this.#operations.length);
    this.#twinBefore = twinsOf(unknown, known.length);
  }

  /** Whether every operation with a known result has its place. The others may never have happened. */
  get isComplete(): boolean {
    return this.#knownLeft === 0;
  }

  operation(number: number): Operation<Input, Output> {
    const operation = this.#operations[number];
    assertInvariant(operation !== undefined, `operation ${number} is on the timeline`);
    return operation;
  }

  /** The rank, among all returns, of the first one whose operation has no place yet. */
  nextReturn(): number {
    for (let event = this.#events.first; event !== END; event = this.#events.after(event)) {
      if (event >= this.#knownCount) return this.#returnRank[event - this.#knownCount] ?? END;
    }
    return END;
  }

  returningAt(rank: number): Operation<Input, Output> {
    return this.operation(this.#returnOrder[rank] ?? END);
  }

  /** Which operation may be placed next; `undefined` when none is left. */
  firstCandidate(): number | undefined {
    return this.#known(this.#events.first);
  }

  /** The one to try after `number`, which has no place (any more). */
  candidateAfter(number: number): number | undefined {
    return number < this.#knownCount
      ? this.#known(this.#events.after(number))
      : this.#firstUnknown(this.#unknown.after(number));
  }

  /** Whether it is true of one of the next `count` operations with a known result that have no place yet. */
  someOfTheNext(count: number, isTrue: (operation: Operation<Input, Output>) => boolean): boolean {
    let left = count;
    for (let event = this.#events.first; event !== END && left > 0; event = this.#events.after(event)) {
      if (event >= this.#knownCount) continue;
      if (isTrue(this.operation(event))) return true;
      left--;
    }
    return false;
  }

  place(number: number): void {
    if (number < this.#knownCount) {
      this.#events.lift(number);
      this.#events.lift(number + this.#knownCount);
      this.#knownLeft--;
    } else {
      this.#unknown.lift(number);
    }
    this.#flip(number);
  }

  /** Undoes the last {@link place} that was not undone. */
  takeBack(number: number): void {
    if (number < this.#knownCount) {
      this.#events.putBack(number + this.#knownCount);
      this.#events.putBack(number);
      this.#knownLeft++;
    } else {
      this.#unknown.putBack(number);
    }
    this.#flip(number);
  }

  /** Names the set of placed operations: equal for equal sets, and short, since all before the first unplaced one are. */
  placedKey(): string {
    const first = this.#events.first;
    const knownWords = Math.ceil(this.#knownCount / BITS);
    let word = Math.min(first === END ? knownWords : Math.floor(first / BITS), knownWords);
    let end = this.#placed.length;
    while (end > word && this.#placed[end - 1] === 0) end--;
    let key = `${word}`;
    for (; word < end; word++) key += `,${this.#placed[word]}`;
    return key;
  }

  #known(event: number): number | undefined {
    return event !== END && event < this.#knownCount ? event : this.#firstUnknown(this.#unknown.first);
  }

  #firstUnknown(from: number): number | undefined {
    if (this.isComplete) return undefined;
    const bound = returnOf(this.returningAt(this.nextReturn()));
    for (let number = from; number !== END; number = this.#unknown.after(number)) {
      if (invocationOf(this.#operations[number]) > bound) return undefined;
      if (!this.#hasUnplacedTwin(number)) return number;
    }
    return undefined;
  }

  #hasUnplacedTwin(number: number): boolean {
    const twin = this.#twinBefore[number - this.#knownCount] ?? END;
    return twin !== END && !this.#isPlaced(twin);
  }

  #isPlaced(number: number): boolean {
    return ((this.#placed[number >> 5] ?? 0) & (1 << (number & 31))) !== 0;
  }

  #flip(number: number): void {
    this.#placed[number >> 5] = (this.#placed[number >> 5] ?? 0) ^ (1 << (number & 31));
  }
}

/** A doubly linked list of numbers, from which one is lifted and put back in the reverse order ("dancing links"). */
class LinkedOrder {
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #head: number;

  constructor(order: readonly number[], capacity: number) {
    this.#head = capacity;
    this.#next = new Int32Array(capacity + 1).fill(END);
    this.#previous = new Int32Array(capacity + 1).fill(END);
    let last = this.#head;
    for (const number of order) {
      this.#next[last] = number;
      this.#previous[number] = last;
      last = number;
    }
  }

  get first(): number {
    return this.after(this.#head);
  }

  after(number: number): number {
    return this.#next[number] ?? END;
  }

  lift(number: number): void {
    const [previous, next] = [this.#previous[number] ?? END, this.after(number)];
    this.#next[previous] = next;
    if (next !== END) this.#previous[next] = previous;
  }

  putBack(number: number): void {
    const [previous, next] = [this.#previous[number] ?? END, this.after(number)];
    this.#next[previous] = number;
    if (next !== END) this.#previous[next] = number;
  }
}

function twinsOf(unknown: readonly Operation[], firstNumber: number): Int32Array {
  const last = new Map<string, number>();
  return Int32Array.from(unknown, ({ input }, at) => {
    const key = showValue(input);
    const twin = last.get(key) ?? END;
    last.set(key, firstNumber + at);
    return twin;
  });
}

function invocationOf(operation: Operation | undefined): number {
  assertInvariant(operation !== undefined, 'an event has its operation');
  return operation.invoked.sequence;
}

function returnOf(operation: Operation | undefined): number {
  assertInvariant(operation?.outcome.kind === 'returned', 'a return has its operation');
  return operation.outcome.at.sequence;
}
