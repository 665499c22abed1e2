import type { ConfigureProposal, GroupLimits } from '@decoraft/protocol';
import type { RaftNode } from './raft-node.js';

/**
 * The limits that a server was started with become those of its group when it leads one that has agreed on none: what is
 * in the log counts, and what is in a file only says how it begins.
 */
export class FirstLimits {
  readonly #limits: Partial<GroupLimits> | undefined;
  #isProposing = false;

  constructor(limits: Partial<GroupLimits> | undefined) {
    this.#limits = limits;
  }

  /** To be called on a leader now and then. What a leader before it proposed may still be on its way: see `onlyFirst`. */
  maintain(node: RaftNode): void {
    const limits = this.#limits;
    if (!limits || this.#isProposing || node.replica.limits.agreed) return;
    this.#isProposing = true;
    const proposal: ConfigureProposal = { kind: 'configure', onlyFirst: true, limits };
    const over = (): void => void (this.#isProposing = false);
    // When it fails, its reason comes again.
    node.proposeOwn(proposal).then(over, over);
  }
}
