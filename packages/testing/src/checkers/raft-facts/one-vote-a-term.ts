import { NOBODY } from '@decoraft/raft';
import { FactBroken } from '../fact-broken.js';
import type { RaftFact } from './raft-fact.js';

/**
 * A vote never changes within a term: neither in memory during one life, nor on disk or towards others, over all lives
 * (§5.2). A vote in memory that was neither written nor sent may be forgotten in a crash: nobody counted it.
 */
export function oneVoteATerm(): RaftFact {
  const given = new Map<string, { readonly term: number; readonly candidate: string }[]>();

  /** Votes that nobody may take back any more; terms ascend, but for messages that were on their way. */
  function give(voter: string, term: number, candidate: string): void {
    if (candidate === NOBODY) return;
    const votes = given.get(voter) ?? [];
    given.set(voter, votes);
    const earlier = votes.findLast((vote) => vote.term === term);
    if (!earlier) votes.push({ term, candidate });
    else if (earlier.candidate !== candidate) throw broken(voter, term, earlier.candidate, candidate);
  }

  return {
    stepped: ({ before, node: { durable, id, status }, restarted }) => {
      const last = given.get(id)?.at(-1);
      const isKnown = last?.term === durable?.term && last?.candidate === durable?.vote;
      if (durable && !isKnown) give(id, durable.term, durable.vote);
      const promised = given.get(id)?.at(-1);
      if (promised?.term === status.term && promised.candidate !== status.vote) {
        throw broken(id, status.term, promised.candidate, status.vote);
      }
      const earlier = restarted ? before?.durable : before?.status;
      if (!earlier || earlier.term !== status.term || earlier.vote === NOBODY) return;
      if (earlier.vote !== status.vote) throw broken(id, status.term, earlier.vote, status.vote);
    },
    sent: (from, message) => {
      if (message.kind === 'vote-response' && message.granted) give(from, message.term, message.to);
      if (message.kind === 'vote-request') give(from, message.term, from);
    },
  };
}

function broken(voter: string, term: number, one: string, other: string): FactBroken {
  const finding = `${voter} voted in term ${term} for ${one}, then for ${other || 'nobody'}`;
  return new FactBroken({ fact: 'one-vote-a-term', finding, nodes: [voter, one, other], indexes: [] });
}
