import { FactBroken } from '../fact-broken.js';
import type { RaftFact } from './raft-fact.js';

/** At most one leader a term (figure 3: election safety). */
export function oneLeaderATerm(): RaftFact {
  const leaders = new Map<number, string>();
  return {
    stepped: ({ node: { id, status } }) => {
      if (status.role !== 'leader') return;
      const leader = leaders.get(status.term);
      if (leader === undefined) leaders.set(status.term, id);
      else if (leader !== id) {
        const finding = `${leader} and ${id} both led term ${status.term}`;
        throw new FactBroken({ fact: 'one-leader-a-term', finding, nodes: [leader, id], indexes: [] });
      }
    },
  };
}
