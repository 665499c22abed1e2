import { CodedError } from '@decoraft/base';
import type { SimulatedNode } from './simulated-node.js';

/** All faults are over, and the cluster did not come back in time. */
export class NotHealed extends CodedError {
  override name = 'NotHealed';

  /** @param what What did not become true. */
  constructor(what: string, nodes: readonly SimulatedNode[]) {
    super('NotHealed', `${what}: not in time. ${nodes.map(describeNode).join('; ')}`);
  }
}

function describeNode({ id, isUp, lives, raft }: SimulatedNode): string {
  if (!raft) return `${id} ${isUp ? 'is starting' : 'is down'} (life ${lives})`;
  const { appliedIndex, lastIndex, leader = 'nobody', role, term } = raft;
  return `${id} is ${role} in term ${term}, follows ${leader}, applied ${appliedIndex} of ${lastIndex}`;
}
