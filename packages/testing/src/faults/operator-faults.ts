import type { SimulatedCluster } from '../cluster.js';
import { choose } from '../randomness.js';
import { type Fault, nothingToUndo } from './fault.js';
import { someNode } from './targets.js';

/** More than it began with, at most: to grow and shrink is the point, not to be large. */
const MOST_ADDED = 2;
const LEAST_LEFT = 2;
/** With fewer voters, one that is lost for good takes the cluster with it. */
const LEAST_TO_LOSE_ONE = 3;
const LEARNER_SHARE = 0.25;
/** How often one who lost its disk comes back under its old name first, which it must not. */
const IMPOSTOR_SHARE = 0.5;

/** How many have a vote, as the node sees it that sees the fewest; 0 while not everybody runs to be asked. */
function voterCount(cluster: SimulatedCluster): number {
  const counts = cluster.nodes.map(
    ({ raft }) => raft?.members.filter(({ role }) => role === 'voter').length ?? 0,
  );
  return Math.min(...counts);
}

export const join: Fault = ({ cluster, operator, random }) => {
  if (!operator.isIdle || cluster.nodes.length >= cluster.size + MOST_ADDED) return undefined;
  operator.join({ learner: random() < LEARNER_SHARE });
  return nothingToUndo;
};

export const remove: Fault = (field) => {
  const { cluster, operator, random } = field;
  const by = someNode(field);
  if (!by || !operator.isIdle || voterCount(cluster) <= LEAST_LEFT) return undefined;
  const node = choose(random, cluster.nodes);
  if (cluster.isLastKnown(node)) return undefined;
  operator.remove(node, by);
  return nothingToUndo;
};

/**
 * A machine is lost with its disk. One that lost its disk only comes back with an empty one at times: the others must
 * not let it in under its old name, because it has forgotten what it voted for.
 */
export const replace: Fault = (field) => {
  const { cluster, operator, random } = field;
  const node = someNode(field);
  if (!node || !operator.isIdle || voterCount(cluster) < LEAST_TO_LOSE_ONE) return undefined;
  if (cluster.isLastKnown(node)) return undefined;
  if (random() > IMPOSTOR_SHARE) {
    operator.replace(node);
    return nothingToUndo;
  }
  operator.lose(node);
  node.start();
  return () => operator.replace(node);
};

export const transfer: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  const to = field.random() < 0.5 ? undefined : choose(field.random, field.cluster.nodes).id;
  field.operator.ask(node, 'transfer', (raft) => raft.transferLeadership(to));
  return nothingToUndo;
};

export const snapshot: Fault = (field) => {
  const node = someNode(field);
  if (!node) return undefined;
  field.operator.ask(node, 'snapshot', (raft) => raft.takeSnapshot());
  return nothingToUndo;
};
