import { FactBroken } from '../fact-broken.js';
import { describeNode } from './observation.js';
import type { RaftFact } from './raft-fact.js';

/**
 * A leader moves its commit index to entries of its own term only; older ones come along (§5.4.2, figure 8). What comes of
 * it otherwise needs a rare run of events to be seen; this is seen at once.
 */
export function leaderCommitsOwnTerm(): RaftFact {
  return {
    logged: ({ before, log, node, restarted }) => {
      const { commit, role, term } = node.status;
      const ledBefore = before?.status.role === 'leader' && before.status.term === term && !restarted;
      if (role !== 'leader' || !ledBefore || commit === before.status.commit) return;
      const committedTerm = log.term(commit);
      if (committedTerm === undefined || committedTerm === term) return;
      throw new FactBroken({
        fact: 'leader-commits-own-term',
        finding: `${describeNode(node)} counted for entry ${commit}, which is of term ${committedTerm}`,
        nodes: [node.id],
        indexes: [commit],
      });
    },
  };
}
