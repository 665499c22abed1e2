import { hashBytes } from '@decoraft/base';
import { encodeValue } from '@decoraft/rpc';
import { FactBroken } from './checkers/fact-broken.js';
import type { Check, NodeProbe } from './check.js';

/** Machines are equal where they have applied the same: by a hash over everything that is replicated. */
export function equalState(): Check {
  return {
    healed: (nodes) => {
      const [first, ...others] = nodes.map((node) => ({ node, hash: stateHashOf(node) }));
      for (const { hash, node } of others) {
        if (!first || first.hash === hash) continue;
        throw new FactBroken({
          fact: 'equal-state',
          finding:
            `${first.node.id} and ${node.id} have applied the same ${node.raft.appliedIndex} entries and differ: ` +
            'a command is not deterministic (time and randomness come from this.context)',
          nodes: [first.node.id, node.id],
          indexes: [node.raft.appliedIndex],
        });
      }
    },
  };
}

/** Functions are how events are kept, and no state. */
export function stateHashOf({ machines }: NodeProbe): string {
  const states = Object.entries(machines).map(([name, machine]) => [
    name,
    Object.entries(machine).filter(([, value]) => typeof value !== 'function'),
  ]);
  return hashBytes(encodeValue(states)).toString(16);
}
