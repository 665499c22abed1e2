import { CodedError } from '@decoraft/base';
import { RaftFacts } from './checkers/raft-facts/index.js';
import type { NodeObservation } from './checkers/raft-facts/observation.js';
import type { Check, NodeProbe } from './check.js';

/** Everything that Raft promises, after every step of every node. */
export function raftPromises(): Check {
  const facts = new RaftFacts();
  return {
    stepped: (node) => {
      const observation = observe(node);
      if (observation) unlessDamaged(() => facts.stepped(observation));
    },
    sent: (message) => facts.sent(message.from, message),
    healed: (nodes) => {
      const observations = nodes.map(observe).filter((observation) => observation !== undefined);
      unlessDamaged(() => facts.audit(observations));
    },
  };
}

/**
 * Entries that are not in memory are read from the disk, where a bit may have flipped that the node had no use for yet:
 * it ends with that as soon as it is asked for anything more, and whether it may is for the cluster to say.
 */
function unlessDamaged(look: () => void): void {
  try {
    look();
  } catch (thrown) {
    if (!(thrown instanceof CodedError && thrown.code === 'Corrupted')) throw thrown;
  }
}

function observe({ id, life, raft: { log, status } }: NodeProbe): NodeObservation | undefined {
  if (!log || !status) return undefined;
  // Between events everything that the core had ready has been taken, so that the store shows what the core has.
  return { id, life, status, log, hasReady: status.lastIndex !== log.lastIndex() };
}
