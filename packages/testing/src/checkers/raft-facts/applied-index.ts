import { FactBroken } from '../fact-broken.js';
import { describeNode, type NodeObservation } from './observation.js';
import type { RaftFact } from './raft-fact.js';

/**
 * What is applied is committed, is never taken back within one life, and begins in a new one at the snapshot or behind.
 * While a snapshot from a leader is installed, the store has it before the machine: that is asked at the start only.
 */
export function appliedIndex(): RaftFact {
  return {
    stepped: ({ before, node, restarted }) => {
      const { applied, commit } = node.status;
      if (applied > commit)
        throw broken(node, `has applied ${applied}, committed ${commit}`, [applied, commit]);
      const snapshot = node.log.snapshot()?.index ?? 0;
      if (restarted && applied < snapshot) {
        throw broken(node, `starts at ${applied}, below its snapshot at ${snapshot}`, [applied, snapshot]);
      }
      const earlier = restarted ? 0 : (before?.status.applied ?? 0);
      if (applied < earlier)
        throw broken(node, `went back from ${earlier} to ${applied}`, [earlier, applied]);
    },
  };
}

function broken(node: NodeObservation, what: string, indexes: readonly number[]): FactBroken {
  const finding = `${describeNode(node)} ${what}`;
  return new FactBroken({ fact: 'applied-index', finding, nodes: [node.id], indexes });
}
