import { FactBroken } from '../fact-broken.js';
import { describeNode } from './observation.js';
import type { RaftFact } from './raft-fact.js';

/**
 * What a follower acknowledged to a leader is still there after a restart, unless a later leader replaced it: whoever
 * acknowledges has it on disk (figure 2; thesis §3.8).
 */
export function acknowledgedStays(): RaftFact {
  const acknowledged = new Map<string, number>();
  return {
    logged: ({ change, log, node, restarted }) => {
      const through = acknowledged.get(node.id) ?? 0;
      if (!restarted) {
        if (change.replacedFrom !== undefined && change.replacedFrom <= through) {
          acknowledged.set(node.id, change.replacedFrom - 1);
        }
        return;
      }
      if (log.last >= through) return;
      throw new FactBroken({
        fact: 'acknowledged-stays',
        finding: `${describeNode(node)} acknowledged ${through} entries, and started with ${log.last}`,
        nodes: [node.id],
        indexes: [through, log.last],
      });
    },
    sent: (from, message) => {
      if (message.kind !== 'append-response' || message.rejected) return;
      acknowledged.set(from, Math.max(acknowledged.get(from) ?? 0, message.matchIndex));
    },
  };
}
