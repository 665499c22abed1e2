import { FactBroken } from '../fact-broken.js';
import { describeNode, type NodeObservation } from './observation.js';
import type { RaftFact } from './raft-fact.js';

/** The commit index is within the log, never decreases within one life, and is never below the snapshot. */
export function commitIndex(): RaftFact {
  return {
    stepped: ({ before, node, restarted }) => {
      const { commit, lastIndex } = node.status;
      if (commit > lastIndex)
        throw broken(node, `has committed ${commit} of ${lastIndex}`, [commit, lastIndex]);
      const earlier = restarted ? 0 : (before?.status.commit ?? 0);
      if (commit < earlier)
        throw broken(node, `went back from commit ${earlier} to ${commit}`, [earlier, commit]);
      const snapshot = node.log.snapshot()?.index ?? 0;
      if (commit < snapshot) {
        throw broken(node, `has committed ${commit}, and a snapshot at ${snapshot}`, [commit, snapshot]);
      }
    },
  };
}

function broken(node: NodeObservation, what: string, indexes: readonly number[]): FactBroken {
  const finding = `${describeNode(node)} ${what}`;
  return new FactBroken({ fact: 'commit-index', finding, nodes: [node.id], indexes });
}
