import type { MachineHash } from '@decoraft/protocol';
import type { CommandDiffered } from './command-guard.js';

export interface ReplicaOptions {
  /**
   * Hashes of what else the group has agreed on and this replica does not know, as of the entry that is applied: they
   * are compared with the others'. Synchronous. Each under an id that no machine has.
   */
  readonly hashesBeside?: () => readonly MachineHash[];
  /**
   * Answers a query that changes its machine with an error, and undoes what it did. For development: it costs queries
   * time, the more the larger the state is. See `query-guard.ts`.
   */
  readonly freezeQueries?: boolean;
  /**
   * Has every command run a second time, on a copy of its machine, and is told of what came to something else. For
   * development: it costs commands some four times their time and more, the more the larger the state is, and changes
   * nothing of what they do. Must not throw. See `command-guard.ts`.
   */
  readonly onCommandDiffered?: (differed: CommandDiffered) => void;
}
