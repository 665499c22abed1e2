import { RaftFacts } from './checkers/raft-facts/index.js';
import type { NodeObservation } from './checkers/raft-facts/observation.js';
import type { Check, NodeProbe } from './check.js';

/** Everything that Raft promises, after every step of every node. */
export function raftPromises(): Check {
  const facts = new RaftFacts();
  return {
    stepped: (node) => {
      const observation = observe(node);
      if (observation) facts.stepped(observation);
    },
    sent: (message) => facts.sent(message.from, message),
    healed: (nodes) => facts.audit(nodes.map(observe).filter((observation) => observation !== undefined)),
  };
}

function observe({ id, life, raft: { log, status } }: NodeProbe): NodeObservation | undefined {
  if (!log || !status) return undefined;
  // Between events everything that the core had ready has been taken, so that the store shows what the core has.
  return { id, life, status, log, hasReady: status.lastIndex !== log.lastIndex() };
}
