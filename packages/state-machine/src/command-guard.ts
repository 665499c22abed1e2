import { plainMessage } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { AskedTimers, copyOf } from './asked-timers.js';
import type { CommandPlace, Notification } from './call.js';
import type { ValueCodec } from './codec.js';
import { areEqualBytes, ComparedStates, encodeCompared } from './compared-state.js';
import { isEvent } from './event.js';
import { type Difference, firstDifference } from './first-difference.js';
import type { TimersOfMachine } from './machine.js';
import type { RegisteredMachine } from './registration.js';
import { SecondSelf } from './second-self.js';
import { settle } from './settled.js';

/** What ran as a command, and what it notified of what somebody listens to. */
export interface Performed<Result> {
  readonly result: Result;
  readonly notifications: readonly Notification[];
}

/** On what, and with what, a command runs. */
export interface CommandRun {
  readonly machine: RegisteredMachine;
  readonly timers: TimersOfMachine;
  readonly place: CommandPlace;
  /** Told of all that it notifies, whether or not somebody listens. */
  readonly onNotified?: (event: string, parameters: readonly unknown[], value: unknown) => void;
}

/** A command, to be run as often as it takes. Throws what it throws. */
export type Perform<Result> = (run: CommandRun) => Performed<Result>;

/** Has a command run, and may look at what it does. What comes of it is what comes of `perform`. */
export interface CommandGuard {
  run<Result>(command: string, run: CommandRun, perform: Perform<Result>): Performed<Result>;
}

/** Believes every command. */
export const unrepeated: CommandGuard = { run: (_command, run, perform) => perform(run) };

/**
 * A command that did something else when it ran a second time, from an equal state, with the same arguments and the same
 * context: replicas would not be equal either, or not the one that is restored from a snapshot.
 */
export interface CommandDiffered {
  /** The name under which the machine is registered. */
  readonly machine: string;
  /** The name of the method. */
  readonly command: string;
  /** Of the entry at which it ran. */
  readonly index: number;
  /** In which of what it does the two differ. */
  readonly what: 'result' | 'events' | 'timers' | 'state';
  /** Where in it: `.total` is the field of that name; empty for all of it. */
  readonly path: string;
  /** What came of the first run there, which counts. Cut where it is long. */
  readonly first: string;
  readonly second: string;
}

/** By so much the clock is ahead in the second run: two readings within a millisecond would be equal. */
const AHEAD_MS = 3_600_000;

/**
 * Commands that run twice: on the machine, and then on a second one that was restored to what the machine was before
 * (`second-self.ts`). Both must come to the same: result or error, events, timers, and state. What counts is the first
 * run, as if there were no second, whatever that does: so nodes with and without this guard are equal.
 *
 * A small state is looked at every time, a larger one rarely, one of more than a megabyte never, nor that of a machine
 * that streams its state, or has no second self. What a command does beside its machine happens twice. `Date.now()` is
 * an hour ahead in the second run, `new Date()` is not.
 */
export class RepeatedCommands implements CommandGuard {
  readonly #codec: ValueCodec;
  readonly #onDiffered: (differed: CommandDiffered) => void;
  readonly #bind: (machine: RegisteredMachine) => void;
  readonly #states = new ComparedStates();
  readonly #selves = new WeakMap<object, { readonly self: SecondSelf | undefined }>();
  /** Each is told once: it will do it again. */
  readonly #told = new Set<string>();

  /** @param bind Ties the events of a second machine, as those of the first are. */
  constructor(
    codec: ValueCodec,
    onDiffered: (differed: CommandDiffered) => void,
    bind: (machine: RegisteredMachine) => void,
  ) {
    this.#codec = codec;
    this.#onDiffered = onDiffered;
    this.#bind = bind;
  }

  run<Result>(command: string, run: CommandRun, perform: Perform<Result>): Performed<Result> {
    const { machine, place } = run;
    const before = this.#states.maybeEncode(machine);
    if (!before) return perform(run);
    const ordinals = { ...place.ordinals };
    const timers = new AskedTimers(run.timers, this.#codec);
    const first = this.#observe({ ...run, timers }, perform);
    const after = encodeCompared(machine);
    const second = after && this.#restored(machine, before);
    if (second) {
      const again = timers.again();
      const repeated = aheadOfTime(() =>
        this.#observe({ machine: second, timers: again, place: { ...place, ordinals } }, perform),
      );
      const differed =
        named('result', firstDifference(first.told, repeated.told)) ??
        named('events', firstDifference(first.notified, repeated.notified)) ??
        named('timers', firstDifference(timers.wishes, again.wishes)) ??
        named(
          'state',
          areEqualBytes(after, encodeCompared(second)) ? undefined : stateDifference(machine, second),
        );
      if (differed) this.#tell({ machine: machine.name, command, index: place.index, ...differed });
    }
    return first.outcome();
  }

  #observe<Result>(run: CommandRun, perform: Perform<Result>) {
    const notified: unknown[] = [];
    const outcome = settle(() =>
      perform({
        ...run,
        onNotified: (event, parameters, value) =>
          notified.push(copyOf(this.#codec, { event, parameters, value })),
      }),
    );
    return { outcome, notified, told: this.#answerOf(outcome) };
  }

  /** What the caller would be told. */
  #answerOf(outcome: () => Performed<unknown>): unknown {
    try {
      const { result } = outcome();
      return result instanceof Uint8Array ? this.#codec.decode(result) : result;
    } catch (thrown) {
      const error = DecoraftError.from(thrown);
      return { threw: error.code, message: plainMessage(error), data: copyOf(this.#codec, error.data) };
    }
  }

  /** The second machine in the state of the first; `undefined` where that cannot be. */
  #restored(first: RegisteredMachine, state: Uint8Array): RegisteredMachine | undefined {
    const { instance } = first;
    try {
      let known = this.#selves.get(instance);
      if (!known) {
        known = { self: SecondSelf.of(first) };
        if (known.self) this.#bind(known.self.machine);
        this.#selves.set(instance, known);
      }
      return known.self?.become(first, state) ? known.self.machine : undefined;
    } catch {
      // What cannot be restored, the node that restores it tells of. It is half restored, and used no more.
      this.#selves.set(instance, { self: undefined });
      return undefined;
    }
  }

  #tell(differed: CommandDiffered): void {
    const { command, machine, path, what } = differed;
    const key = JSON.stringify([machine, command, what, path]);
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#onDiffered(differed);
  }
}

function named(what: CommandDiffered['what'], difference: Difference | undefined) {
  return difference && { what, ...difference };
}

function stateDifference(first: RegisteredMachine, second: RegisteredMachine): Difference {
  const difference = firstDifference(stateOf(first), stateOf(second));
  // Equal to look at, but not what a snapshot would hold.
  const place = { path: '', first: 'one object in several places', second: 'equal ones' };
  return difference ?? place;
}

/** The state to look at; what is in a snapshot is decided elsewhere. */
function stateOf({ derived, instance }: RegisteredMachine): unknown {
  if (instance.snapshot) return instance.snapshot();
  const fields = Object.entries(instance).filter(
    ([name, value]) => !derived.names.has(name) && !isEvent(value),
  );
  return Object.fromEntries(fields);
}

function aheadOfTime<Result>(run: () => Result): Result {
  const property = Object.getOwnPropertyDescriptor(Date, 'now');
  const { now } = Date;
  if (!property?.configurable) return run();
  Object.defineProperty(Date, 'now', { ...property, value: () => now() + AHEAD_MS });
  try {
    return run();
  } finally {
    Object.defineProperty(Date, 'now', property);
  }
}
