import { Heap } from '@decoraft/base';
import { DecoraftError, type MachineId, type OperationId, type TimerId } from '@decoraft/protocol';
import type { AgreedLimits } from './agreed-limits.js';

/** So many cancelled timers, and as many as are waiting, may lie in the heap before they are cleared out. */
const LEAST_CLEARED = 1_024;

/** A command that runs by itself when the log's time comes to it. */
export interface Timer {
  readonly machine: MachineId;
  /** Within its machine: two machines know nothing of each other, so neither changes the other's numbers. */
  readonly id: TimerId;
  /** In log time: see `CommandContext.time`. */
  readonly dueMs: number;
  readonly operation: OperationId;
  /** Positional arguments, encoded when it was scheduled. */
  readonly args: Uint8Array;
}

/** All that a machine has scheduled and that has neither fired nor been cancelled. */
export interface MachineTimers {
  readonly machine: MachineId;
  /** Of the timer that it schedules next: an id is never given twice. */
  readonly nextId: TimerId;
  /** By their ids. */
  readonly waiting: Iterable<Timer>;
}

interface Scheduled {
  nextId: TimerId;
  readonly waiting: Map<TimerId, Timer>;
}

/**
 * The timers of a group. Part of the replicated state: only `apply` changes it, and they fire by the time of the log,
 * so they fire on every replica at the same entry.
 */
export class Timers {
  readonly #limits: AgreedLimits;
  readonly #byMachine = new Map<MachineId, Scheduled>();
  readonly #heap = new Heap<Timer>(isBefore);
  /** Due, but their machine is not registered here: they fire when it is. */
  #parked: Timer[] = [];
  #count = 0;
  #nextDueMs = Infinity;

  constructor(limits: AgreedLimits) {
    this.#limits = limits;
  }

  /** How many wait. */
  get count(): number {
    return this.#count;
  }

  /** When the next one fires, in log time; infinite when none can. */
  get nextDueMs(): number {
    return this.#nextDueMs;
  }

  /** @throws DecoraftError `Overloaded` */
  add(timer: Omit<Timer, 'id'>): TimerId {
    const { timers: limit } = this.#limits.current;
    if (this.#count >= limit) {
      throw new DecoraftError('Overloaded', `the group holds ${limit} timers already`);
    }
    const scheduled = this.#of(timer.machine);
    const id = scheduled.nextId;
    scheduled.nextId = (id + 1) as TimerId;
    this.#insert(scheduled, { ...timer, id });
    return id;
  }

  /** Gives whether it was waiting. A machine cannot cancel what another one has scheduled. */
  cancel(machine: MachineId, id: TimerId): boolean {
    const timer = this.#byMachine.get(machine)?.waiting.get(id);
    if (!timer) return false;
    this.#remove(timer);
    if (this.#heap.size > 2 * this.#count + LEAST_CLEARED) this.#heap.keep((kept) => this.#isWaiting(kept));
    this.#passOverGone();
    return true;
  }

  /**
   * Takes those that are due at `timeMs`, in the order of their due times, and of machine and id where these are equal.
   * Each is taken when its turn comes: until then it may be cancelled. What is scheduled meanwhile is left for the next
   * call, so this comes to an end whatever they do.
   */
  *takeDue(timeMs: number, isHosted: (machine: MachineId) => boolean): Generator<Timer, void> {
    const due: Timer[] = [];
    for (let { first } = this.#heap; first && first.dueMs <= timeMs; first = this.#heap.first) {
      due.push(first);
      this.#heap.take();
      this.#passOverGone();
    }
    for (const timer of due) {
      if (!this.#isWaiting(timer)) continue;
      if (isHosted(timer.machine)) {
        this.#remove(timer);
        yield timer;
      } else {
        this.#parked.push(timer);
      }
    }
  }

  /** The machine is here now: what waited for it fires at the next entry. */
  hosted(machine: MachineId): void {
    const parked = this.#parked;
    this.#parked = parked.filter((timer) => timer.machine !== machine);
    for (const timer of parked) if (timer.machine === machine) this.#push(timer);
  }

  /** Of every machine that has ever scheduled one, by the ids of the machines. */
  all(): readonly MachineTimers[] {
    return [...this.#byMachine]
      .map(([machine, { nextId, waiting }]) => ({ machine, nextId, waiting: waiting.values() }))
      .toSorted((left, right) => left.machine - right.machine);
  }

  /** Takes the place of all that is here. */
  restore(all: readonly MachineTimers[]): void {
    this.#byMachine.clear();
    this.#heap.keep(() => false);
    this.#parked = [];
    this.#count = 0;
    this.#nextDueMs = Infinity;
    for (const { machine, nextId, waiting } of all) {
      const scheduled = this.#of(machine);
      scheduled.nextId = nextId;
      for (const timer of waiting) this.#insert(scheduled, timer);
    }
  }

  #of(machine: MachineId): Scheduled {
    const known = this.#byMachine.get(machine);
    if (known) return known;
    const scheduled: Scheduled = { nextId: 1 as TimerId, waiting: new Map() };
    this.#byMachine.set(machine, scheduled);
    return scheduled;
  }

  #insert(scheduled: Scheduled, timer: Timer): void {
    scheduled.waiting.set(timer.id, timer);
    this.#count += 1;
    this.#push(timer);
  }

  #push(timer: Timer): void {
    this.#heap.push(timer);
    this.#passOverGone();
  }

  #remove(timer: Timer): void {
    this.#byMachine.get(timer.machine)?.waiting.delete(timer.id);
    this.#count -= 1;
  }

  #isWaiting(timer: Timer): boolean {
    return this.#byMachine.get(timer.machine)?.waiting.get(timer.id) === timer;
  }

  /** What was cancelled leaves the heap when it comes to the front: what is in front is due next. */
  #passOverGone(): void {
    let first = this.#heap.first;
    while (first && !this.#isWaiting(first)) {
      this.#heap.take();
      first = this.#heap.first;
    }
    this.#nextDueMs = first ? first.dueMs : Infinity;
  }
}

function isBefore(left: Timer, right: Timer): boolean {
  if (left.dueMs !== right.dueMs) return left.dueMs < right.dueMs;
  return left.machine < right.machine || (left.machine === right.machine && left.id < right.id);
}
