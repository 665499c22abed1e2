import { lastIndexOf } from '../support/memory-log.js';
import { type Fact, must } from './fact.js';

/**
 * Who acknowledges, votes or campaigns has on disk what it says (figure 2; thesis §3.8). With a later term on disk
 * nothing of the earlier one can be taken back any more: that is as good.
 */
export function durability(): Fact {
  return {
    sent: ({ id, log, status }, message) => {
      const { hardState } = log.disk;
      const lastIndex = lastIndexOf(log.disk);
      const { kind, term } = message;
      if (hardState.term > term) return;
      const what = `${kind} of ${id} in term ${term}`;
      if (kind === 'append-response' && !message.rejected) {
        must(hardState.term === term, `the ${what} speaks for a durable term`);
        must(lastIndex >= message.matchIndex, `the ${what} acknowledges what is durable`);
      }
      if (kind === 'vote-response' && message.granted) {
        must(hardState.term === term && hardState.vote === message.to, `the ${what} is durable`);
      }
      if (kind === 'vote-request') {
        must(hardState.term === term && hardState.vote === id, `the own vote of the ${what} is durable`);
        // Who follows already, and was made shorter by its leader, counts no votes any more.
        const isCandidate = status.role === 'candidate';
        must(!isCandidate || lastIndex >= message.lastIndex, `the log of the ${what} is durable`);
      }
    },
  };
}
