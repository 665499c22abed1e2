import { FactBroken } from '../fact-broken.js';
import type { EntryPrint } from './log-record.js';
import type { RaftFact } from './raft-fact.js';

/** An entry as it was first seen, and what stood before it. */
interface Sighting {
  readonly hash: number;
  readonly termBefore: number | undefined;
  readonly node: string;
}

/**
 * Logs that agree on an index and its term agree on all before it (figure 3: log matching). Equal (index, term) must mean
 * equal data and an equal term before; then the rest follows by induction. Terms never fall along a log.
 */
export function logMatching(): RaftFact {
  const sightings = new Map<number, Map<number, Sighting>>();

  function check(node: string, at: number, { hash, term }: EntryPrint, termBefore: number | undefined): void {
    const ofTerm = sightings.get(term) ?? new Map<number, Sighting>();
    sightings.set(term, ofTerm);
    const known = ofTerm.get(at);
    const broken = (nodes: readonly string[], what: string): FactBroken =>
      new FactBroken({
        fact: 'log-matching',
        finding: `${nodes.join(' and ')} at entry ${at} of term ${term}: ${what}`,
        nodes,
        indexes: [at],
      });
    if ((termBefore ?? 0) > term) throw broken([node], `the entry before is of the later term ${termBefore}`);
    if (!known) {
      ofTerm.set(at, { hash, termBefore, node });
      return;
    }
    if (known.hash !== hash) throw broken([known.node, node], 'different data');
    const areKnown = known.termBefore !== undefined && termBefore !== undefined;
    if (areKnown && known.termBefore !== termBefore) {
      throw broken(
        [known.node, node],
        `the entries before are of terms ${known.termBefore} and ${termBefore}`,
      );
    }
  }

  return {
    logged: ({ change, log, node }) => {
      for (let at = change.from; at <= log.last; at++) {
        const print = log.print(at);
        if (print) check(node.id, at, print, log.term(at - 1));
      }
    },
  };
}
