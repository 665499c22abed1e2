import type { Random } from '@decoraft/base';
import { DecoraftError, type SessionId, type TimerId } from '@decoraft/protocol';
import type { Copied } from './copied.js';

/** What a command may know of the world. The same on every replica. */
export interface CommandContext {
  /**
   * Milliseconds since 1970, stamped by the leader into the entry; never decreases along the log. For a timer it is the
   * time of the entry at which it fires, not the one at which it was due: so time never goes back, and what was to
   * last until it fires has lasted.
   */
  readonly time: number;
  /** The position in the log of the command's entry; for a timer, of the entry at which it fires. */
  readonly index: number;
  /** The term of that entry. */
  readonly term: number;
  /**
   * The version of the machine that the group has agreed on at this entry: see {@link StateMachine.version}. 1 while it
   * has agreed on none.
   */
  readonly version: number;
  /**
   * The session of the client who sent the command; in `sessionEnded()`, the one that has ended; `undefined` when a timer
   * runs it: nobody sent it.
   */
  readonly session: SessionId | undefined;
  /** A number in [0, 1), seeded by the entry and, for a timer or the end of a session, by that as well. */
  readonly random: Random;
}

/** The timers of one machine, for its commands. */
export interface TimersOfMachine {
  /** See `StateMachine.schedule`. @param nowMs Of the log. */
  schedule(nowMs: number, delayMs: number, method: string, args: readonly unknown[]): TimerId;
  /** See `StateMachine.cancel`. */
  cancel(id: TimerId): boolean;
}

/** What there is while a command runs. */
interface Running {
  readonly context: CommandContext;
  readonly timers: TimersOfMachine;
}

/** Given by the class itself below: nobody else reaches its private field. */
let setRunning: (machine: StateMachine, running: Running | undefined) => void;

/**
 * What a replicated class extends. Its fields are its state; `@cmd` methods change it, `@qry` methods read it,
 * `@sub` fields are events.
 *
 * Snapshots take all own enumerable fields but the events and those that are marked with `@derived`. They hold data
 * of any shape: primitives, plain objects, arrays without holes, Map, Set, Date, bigint, ArrayBuffer and typed arrays,
 * with shared references and cycles. A field that holds anything else (a function, an instance of a class, a promise),
 * and one whose name begins with `#`, which nobody else can see, is refused by the generator, and again when the
 * machine is registered: write `private` instead of `#`, or {@link snapshot}.
 */
export abstract class StateMachine {
  /**
   * The version of the class, a positive integer: raised whenever its commands do something else than before, or its
   * state has another shape. Replicas must not differ while some nodes run the new code and others the old: so a group
   * behaves as the version that it has agreed on, wherever it runs, and goes over to a later one at one entry of its log,
   * the same on every replica, once every member can.
   *
   * For a small change, one class serves both: `if (this.context.version >= 2)`, see {@link CommandContext.version}. For
   * others, the old class is kept beside the new one, see {@link previous}. A new command, event or optional parameter
   * needs no new version: nobody can use it before every member has it.
   */
  static readonly version: number = 1;

  /**
   * The oldest version that the class serves, without {@link previous}; 1 unless you write another. Raise it when the
   * code of older versions goes: a node whose log or snapshot still holds an older one refuses to start, and changes
   * nothing.
   */
  static readonly oldestVersion: number = 1;

  /**
   * Gives a new machine as it was before this {@link version}: an instance of the old class, which is kept in the code,
   * with a table of its own, as long as a log or a snapshot may be at its version. It does what commands ask until the
   * group has agreed on the version of this class. The old class may have a `previous` as well.
   *
   * @example
   * ```ts
   * static override readonly version = 2;
   *
   * override previous(): StateMachine {
   *   return new LedgerVersion1();
   * }
   *
   * override migrate(_from: number, state: { total: number }): { totals: Map<string, number> } {
   *   return { totals: new Map([['all', state.total]]) };
   * }
   * ```
   */
  previous?(): StateMachine;

  /**
   * Turns the state of the {@link previous} class into that of this one, when the group goes over to it. Without it,
   * the state is taken over as it is.
   *
   * Synchronous, deterministic, and a function of what it is given only. When it throws, the group stays with
   * the version that it has, on every replica, and every node logs an error.
   *
   * @param from The version of the previous class.
   * @param state A plain object with the fields of the previous class, or what its {@link snapshot} gave, in an array of
   * the chunks where that streams. Its own to change.
   * @returns What is given to {@link restore}, where the class has it; otherwise a plain object with the fields. One that
   * is not named keeps what the constructor gave it. {@link restored} is called in either case.
   */
  migrate?(from: number, state: unknown): unknown;

  /**
   * Gives the state to be kept in a snapshot, instead of the fields: any data, as the fields may hold. It changes
   * nothing, and gives equal states for equal histories. A class that has it has {@link restore} as well.
   *
   * One that is a generator, `*snapshot()` or `async *snapshot()`, streams: each value that it yields is one chunk, and
   * commands go on while it is read. Its body up to the first `yield` (or `await`) runs in the moment that the snapshot
   * is of: there it takes a stable view, such as a copy of a Map's entries, from which all chunks come; what it yields
   * no command may change any more. How the state is cut into chunks is a part of it and must depend on nothing else;
   * an object that two chunks refer to becomes two. Chunks of some hundred entries are right: one is written in one go.
   *
   * Without it, or when it gives data, the state is written piece by piece until the next command for the machine, and
   * the rest of it before that command, which may be as late as a second for a million entries.
   *
   * What an `async *snapshot()` yields is looked at only when it was yielded: what is no data in it is not found when
   * the machine is registered.
   *
   * @example
   * ```ts
   * override *snapshot(): Generator<readonly (readonly [string, Item])[]> {
   *   const entries = [...this.items]; // Items are never changed, only replaced.
   *   for (let at = 0; at < entries.length; at += 500) yield entries.slice(at, at + 500);
   * }
   *
   * override async restore(chunks: AsyncIterable<readonly (readonly [string, Item])[]>): Promise<void> {
   *   this.items = new Map();
   *   for await (const chunk of chunks) for (const [key, item] of chunk) this.items.set(key, item);
   * }
   * ```
   */
  snapshot?(): unknown;

  /**
   * Makes the machine what it was when {@link snapshot} gave `state`, whatever it is now. `state` is the machine's own
   * to keep. Of a snapshot that was streamed, `state` is an iterable of the chunks, to be gone through with `for await`,
   * which lets others have their turn in between, or with `for`, which does not. Of one that was taken before the class
   * had these methods, it is one plain object with the fields.
   *
   * It may be asynchronous; nothing of the group runs before it is done.
   */
  restore?(state: unknown): void | Promise<void>;

  /**
   * Called after the machine, and all else of its group, was restored from a snapshot, with or without
   * {@link restore}: the place to rebuild what was computed from the state, in fields that are marked with
   * `@derived`. Synchronous, and without events. Other fields that it changes are state: a replica that was not
   * restored must hold the same in them. A field that the class got after the snapshot was taken is absent by then.
   */
  restored?(): void;

  /**
   * Called when a client's session has ended, so that a machine lets go of what it holds for it: a lock, a place in a
   * queue, an entry that lives as long as its owner. It runs through the log, like a command: on every replica at the
   * entry that ends the session, once, whether its client closed it or was not heard of for its timeout. It may change
   * state, notify events, and schedule and cancel timers; {@link context} is that of the entry, with the session that
   * has ended as its `session`.
   *
   * It is called for every session that ends, whether or not it ever called this machine: look first, and cheaply. Machines
   * of a group are called in the order of their ids, after the timers that are due at the entry. By then the session
   * is gone, with its subscriptions: what is notified reaches others, never the client whose session it was. Sessions of
   * clients that did not come along when a group was restored from a backup have ended, too: the machines hear of it at
   * the first entry behind the restored state.
   *
   * Synchronous and deterministic, as a command is. What it throws is logged by the leader as a warning and harms nothing
   * else: the session has ended, other machines are told, what was changed before stays changed, and the events that
   * it notified are dropped. A machine that is not registered on a node when a session ends is not told there, nor
   * later: register the same machines on all nodes, before they start.
   *
   * @example
   * ```ts
   * private readonly owners = new Map<string, SessionId>();
   *
   * override sessionEnded(session: SessionId): void {
   *   for (const [name, owner] of this.owners) if (owner === session) this.release(name);
   * }
   * ```
   */
  sessionEnded?(session: SessionId): void;

  /** Private, so that it is no part of the machine's state. */
  #running: Running | undefined;

  static {
    setRunning = (machine, running) => {
      machine.#running = running;
    };
  }

  /**
   * Time, randomness and identity for the command that runs.
   *
   * @throws DecoraftError `InvalidArgument` outside of a command: there is no such time that all replicas share.
   */
  protected get context(): CommandContext {
    return this.#whileRunning('context').context;
  }

  /**
   * Has a command of this machine run by itself, once, when `delayMs` have passed: a lease expires, a retry is made, work
   * begins later. Timers are part of the replicated state. They outlive leaders, restarts and snapshots, they belong to
   * the machine and to no session, and they fire on every replica at the same place of the log, never twice.
   *
   * The time that counts is that of the log: see {@link CommandContext.time}. Before an entry is executed, all timers
   * that are due at its time run, in the order of their due times; timers of one machine that are due together, in the
   * order in which they were scheduled. When no entry comes, the leader makes one, about a tick (50 ms) after the due
   * time; while the group has no leader, timers wait. One that is scheduled while timers fire is left for the next entry,
   * even with a delay of 0. The clock that counts is the leader's: one that is ahead fires early by as much; while one is
   * behind what the log has already, its time goes at half the speed.
   *
   * What the command returns goes nowhere. What it throws is logged by the leader as a warning; as with any command, what
   * it changed before stays changed, and the events that it notified are dropped. What a command has scheduled or
   * cancelled before it throws stays so, like its fields.
   *
   * A timer whose machine is not registered on a node waits there: register the same machines on all nodes. One whose
   * method is gone when it fires, or takes other arguments by then, fails as if the command had thrown.
   *
   * @param delayMs A finite number that is not negative. The due time is `context.time + delayMs`.
   * @param method The name of a public `@cmd` method of this class.
   * @param args Its arguments, copied now.
   * @returns The timer's id, which is data: keep it in a field to {@link cancel} the timer.
   * @throws DecoraftError `InvalidArgument` outside of a command, and for a wrong delay, name or argument; `Overloaded`
   * when as many timers wait as the group has agreed on, by default 100,000. Not caught, it is what the command throws.
   *
   * @example
   * ```ts
   * @cmd acquire(name: string, ttlMs: number): void {
   *   this.leases.set(name, this.schedule(ttlMs, 'expire', name));
   * }
   *
   * @cmd expire(name: string): void {
   *   this.leases.delete(name);
   * }
   * ```
   */
  protected schedule<Method extends string, const Args extends readonly unknown[]>(
    this: { readonly [Name in Method]: (...args: NoInfer<Copied<Args>>) => unknown },
    delayMs: number,
    method: Method,
    ...args: Args
  ): TimerId {
    // The declared `this` is what lets the compiler compare names and arguments, not what it is.
    const { context, timers } = (this as unknown as StateMachine).#whileRunning('schedule');
    return timers.schedule(context.time, delayMs, method, args);
  }

  /**
   * Takes back what {@link schedule} gave, unless it has fired already. A timer that is due at this very entry and whose
   * turn has not come yet is waiting.
   *
   * @param timer Of this machine; one of another has another meaning here.
   * @returns Whether it was still waiting.
   * @throws DecoraftError `InvalidArgument` outside of a command.
   */
  protected cancel(timer: TimerId): boolean {
    return this.#whileRunning('cancel').timers.cancel(timer);
  }

  #whileRunning(member: string): Running {
    if (this.#running) return this.#running;
    throw new DecoraftError('InvalidArgument', `this.${member} exists only while a command runs`);
  }
}

/** Runs `run` as a command of `machine`. */
export function withContext<Result>(machine: StateMachine, running: Running, run: () => Result): Result {
  setRunning(machine, running);
  try {
    return run();
  } finally {
    setRunning(machine, undefined);
  }
}
