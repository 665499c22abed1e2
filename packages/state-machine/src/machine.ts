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
   * Gives the state to be kept in a snapshot, instead of the fields: any data, as the fields may hold. It is
   * synchronous, changes nothing, and gives equal states for equal histories. A class that has it has
   * {@link restore} as well.
   */
  snapshot?(): unknown;

  /**
   * Makes the machine what it was when {@link snapshot} gave `state`, whatever it is now. Synchronous. `state` is
   * the machine's own to keep. Of a snapshot that was taken before the class had these methods, `state` is one plain
   * object with the fields.
   */
  restore?(state: unknown): void;

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
