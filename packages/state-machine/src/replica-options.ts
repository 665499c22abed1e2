import type { MachineHash } from '@decoraft/protocol';

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
}
