import type { Message } from '@decoraft/raft';
import { FactBroken } from '../fact-broken.js';
import { describeNode, type NodeObservation } from './observation.js';
import type { RaftFact } from './raft-fact.js';

/**
 * A node's term never decreases: in memory within one life, on disk over all of them (figure 2, persistent state). The
 * term of a vote or of an acknowledgement that was sent is on disk.
 */
export function termNeverDecreases(): RaftFact {
  const durable = new Map<string, number>();
  const learn = (id: string, term: number): void =>
    void durable.set(id, Math.max(durable.get(id) ?? 0, term));
  return {
    stepped: ({ before, node, restarted }) => {
      const { id, status } = node;
      const known = durable.get(id) ?? 0;
      if (status.term < known) throw broken(node, `forgot its durable term ${known}`);
      if (before && !restarted && status.term < before.status.term) {
        throw broken(node, `was in term ${before.status.term}`);
      }
      if (!node.durable) return;
      if (node.durable.term < known) throw broken(node, `lost term ${known} from its disk`);
      if (node.durable.term > status.term) throw broken(node, `has term ${node.durable.term} on its disk`);
      learn(id, node.durable.term);
    },
    sent: (from, message) => {
      if (isDurable(message)) learn(from, message.term);
    },
  };
}

function isDurable(message: Message): boolean {
  switch (message.kind) {
    case 'vote-request':
      return true;
    case 'vote-response':
      return message.granted;
    case 'append-response':
      return !message.rejected;
    default:
      return false;
  }
}

function broken(node: NodeObservation, what: string): FactBroken {
  const finding = `${describeNode(node)} ${what}`;
  return new FactBroken({ fact: 'term-never-decreases', finding, nodes: [node.id], indexes: [] });
}
