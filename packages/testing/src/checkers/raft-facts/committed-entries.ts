import { FactBroken } from '../fact-broken.js';
import { isSame } from './log-record.js';
import { describeNode, type NodeObservation } from './observation.js';
import type { LogStep, RaftFact } from './raft-fact.js';

/**
 * No two nodes commit different entries at one index (figure 3: state machine safety); a node never lets go of an entry
 * that it knows to be committed, except below a snapshot; a snapshot is one of committed entries. Also writes down what
 * is committed, for the facts behind it.
 */
export function committedEntries(): RaftFact {
  /** Up to where a node's committed entries were looked at. */
  const checked = new Map<string, number>();
  const snapshots = new Map<string, number>();

  function checkSnapshot({ committed, node }: LogStep): void {
    const snapshot = node.log.snapshot();
    if (!snapshot || snapshots.get(node.id) === snapshot.index) return;
    snapshots.set(node.id, snapshot.index);
    const known = committed.at(snapshot.index);
    if (known?.term === snapshot.term) return;
    throw new FactBroken({
      fact: 'committed-entries',
      finding: `${describeNode(node)} has a snapshot at ${snapshot.index} in term ${snapshot.term}, where ${
        known ? `${known.node} committed an entry of term ${known.term}` : 'nobody committed anything'
      }`,
      nodes: known ? [known.node, node.id] : [node.id],
      indexes: [snapshot.index],
    });
  }

  return {
    logged: (step) => {
      const { change, log, node, restarted } = step;
      const through = restarted ? 0 : (checked.get(node.id) ?? 0);
      if (change.replacedFrom !== undefined && change.replacedFrom <= through) {
        throw lettingGo(node, change.replacedFrom, through);
      }
      const commit = Math.min(node.status.commit, log.last);
      for (let at = Math.max(through + 1, log.first); at <= commit; at++) checkEntry(step, at);
      checked.set(node.id, Math.max(through, commit));
      checkSnapshot(step);
    },
  };
}

function lettingGo(node: NodeObservation, from: number, commit: number): FactBroken {
  return new FactBroken({
    fact: 'committed-entries',
    finding: `${describeNode(node)} removed or replaced its entries from ${from} on, and had committed up to ${commit}`,
    nodes: [node.id],
    indexes: [from, commit],
  });
}

function checkEntry({ committed, log, node }: LogStep, at: number): void {
  const print = log.print(at);
  if (!print) return;
  committed.add(at, { ...print, node: node.id, inTerm: node.status.term });
  const known = committed.at(at);
  if (!known || isSame(known, print)) return;
  throw new FactBroken({
    fact: 'committed-entries',
    finding:
      `${known.node} and ${describeNode(node)} committed different entries at ${at}, ` +
      `of term ${known.term} and of term ${print.term}`,
    nodes: [known.node, node.id],
    indexes: [at],
  });
}
