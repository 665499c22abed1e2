import type { MachineHash } from '@decoraft/protocol';

export interface ReplicaOptions {
  /**
   * Hashes of what else the group has agreed on and this replica does not know, as of the entry that is applied: they
   * are compared with the others'. Synchronous. Each under an id that no machine has.
   */
  readonly hashesBeside?: () => readonly MachineHash[];
}
