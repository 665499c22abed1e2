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
 */
export abstract class StateMachine {
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
