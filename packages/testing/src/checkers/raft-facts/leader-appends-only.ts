import { FactBroken } from '../fact-broken.js';
import { describeNode } from './observation.js';
import type { RaftFact } from './raft-fact.js';

/** A leader's log never shrinks and never changes (figure 3: leader append-only). */
export function leaderAppendsOnly(): RaftFact {
  return {
    logged: ({ before, change, node, restarted }) => {
      const { id, status } = node;
      const leadsOn =
        before?.status.role === 'leader' && status.role === 'leader' && before.status.term === status.term;
      if (!leadsOn || restarted) return;
      const shorter = status.lastIndex < before.status.lastIndex ? status.lastIndex + 1 : undefined;
      const lost = change.replacedFrom ?? shorter;
      if (lost === undefined) return;
      throw new FactBroken({
        fact: 'leader-appends-only',
        finding: `${describeNode(node)} removed or replaced its entries from ${lost} on; it had ${before.status.lastIndex}`,
        nodes: [id],
        indexes: [lost, before.status.lastIndex],
      });
    },
  };
}
