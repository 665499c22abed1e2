import { FactBroken } from '../fact-broken.js';
import { describeNode, type NodeObservation } from './observation.js';
import type { LogStep, RaftFact } from './raft-fact.js';

/**
 * Configuration changes never overlap (§6; thesis §4.1): a leader appends one only when it has applied all before it, and
 * no leader has two that are not committed. Those that it inherited it may not have applied yet.
 */
export function oneConfigurationChange(): RaftFact {
  return {
    logged: (step) => {
      if (step.node.status.role !== 'leader') return;
      const { configurations } = step.log;
      const last = configurations.at(-1) ?? 0;
      const previous = configurations.at(-2) ?? 0;
      // Whatever is older than two is committed, or it would have been found when it was the last but one.
      if (previous === 0) return;
      const { committed, node } = step;
      if (!isCommitted(step, previous)) {
        throw broken(node, `has two that are not committed, at ${previous} and ${last}`, [previous, last]);
      }
      const isOwn = step.log.print(last)?.term === node.status.term;
      if (isOwn && node.status.applied < previous) {
        const finding = `appended one at ${last} before it applied that at ${previous}; committed up to ${committed.last}`;
        throw broken(node, finding, [previous, last]);
      }
    },
  };
}

function isCommitted({ committed, log }: LogStep, at: number): boolean {
  const commitment = committed.at(at);
  return commitment !== undefined && commitment.term === log.print(at)?.term;
}

function broken(node: NodeObservation, what: string, indexes: readonly number[]): FactBroken {
  const finding = `of configuration changes, ${describeNode(node)} ${what}`;
  return new FactBroken({ fact: 'one-configuration-change', finding, nodes: [node.id], indexes });
}
