import { FactBroken } from '../fact-broken.js';
import { isSame } from './log-record.js';
import { describeNode } from './observation.js';
import type { LogStep, RaftFact } from './raft-fact.js';

/**
 * What is committed is in the log, or below the snapshot, of every later leader (figure 3: leader completeness). The last
 * such entry stands for all before it, by log matching.
 */
export function leaderCompleteness(): RaftFact {
  /** The leadership in which a node was last seen. */
  const leaderships = new Map<string, string>();
  return {
    logged: (step) => {
      const { id, life, status } = step.node;
      if (status.role !== 'leader') return;
      const leadership = `${status.term} in life ${life}`;
      const isNew = leaderships.get(id) !== leadership;
      leaderships.set(id, leadership);
      const last = lastOfItsTime(step, isNew);
      if (last > 0) check(step, last);
    },
  };
}

/**
 * The last entry that was committed in the leader's term or before; of what later leaders commit, it cannot know. That
 * is looked for at the begin of a leadership only: later on, whoever lags behind was judged before.
 */
function lastOfItsTime({ committed, node }: LogStep, isNew: boolean): number {
  const isOfItsTime = (at: number): boolean => (committed.at(at)?.inTerm ?? Infinity) <= node.status.term;
  let at = committed.last;
  if (isNew) while (at > 0 && !isOfItsTime(at)) at--;
  return at > 0 && isOfItsTime(at) ? at : 0;
}

function check({ committed, log, node }: LogStep, at: number): void {
  const commitment = committed.at(at);
  if (!commitment || at < log.first) return;
  const print = log.print(at);
  if (isSame(print, commitment)) return;
  const own = print
    ? `another one of term ${print.term} there`
    : `a log that ends at ${node.status.lastIndex}`;
  throw new FactBroken({
    fact: 'leader-completeness',
    finding:
      `${describeNode(node)} leads without entry ${at} of term ${commitment.term}, ` +
      `which ${commitment.node} knew to be committed in term ${commitment.inTerm}: it has ${own}`,
    nodes: [commitment.node, node.id],
    indexes: [at],
  });
}
