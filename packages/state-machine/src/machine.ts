import type { Random } from '@decoraft/base';
import { DecoraftError, type SessionId } from '@decoraft/protocol';

/** What a command may know of the world. The same on every replica. */
export interface CommandContext {
  /** Milliseconds since 1970, stamped by the leader into the entry; never decreases along the log. */
  readonly time: number;
  /** The position of the command in the log. */
  readonly index: number;
  /** The term of the command's entry. */
  readonly term: number;
  /** The session of the client who sent the command. */
  readonly session: SessionId;
  /** A number in [0, 1), seeded by the entry. */
  readonly random: Random;
}

/** Given by the class itself below: nobody else reaches its private field. */
let setContext: (machine: StateMachine, context: CommandContext | undefined) => void;

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

  /** Private, so that it is no part of the machine's state. */
  #context: CommandContext | undefined;

  static {
    setContext = (machine, context) => {
      machine.#context = context;
    };
  }

  /**
   * Time, randomness and identity for the command that runs.
   *
   * @throws DecoraftError `InvalidArgument` outside of a command: there is no such time that all replicas share.
   */
  protected get context(): CommandContext {
    if (this.#context) return this.#context;
    throw new DecoraftError('InvalidArgument', 'this.context exists only while a command runs');
  }
}

/** Runs `run` as a command of `machine`. */
export function withContext<Result>(
  machine: StateMachine,
  context: CommandContext,
  run: () => Result,
): Result {
  setContext(machine, context);
  try {
    return run();
  } finally {
    setContext(machine, undefined);
  }
}
