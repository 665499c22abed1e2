import { type Fact, must } from './fact.js';
import { hasQuorum } from './quorums.js';

/** Who becomes leader was given the votes of a majority of its configuration, of both halves of a joint one (§6). */
export function elections(): Fact {
  const votes = new Set<string>();
  const leaderships = new Set<string>();
  return {
    sent: ({ id }, message) => {
      if (message.kind === 'vote-response' && message.granted) {
        votes.add(`${id} for ${message.to} in ${message.term}`);
      }
    },
    stepped: ({ id, status }) => {
      const { configuration, role, term } = status;
      const leadership = `${id} in ${term}`;
      if (role !== 'leader' || leaderships.has(leadership)) return;
      leaderships.add(leadership);
      const votedFor = (voter: string): boolean => voter === id || votes.has(`${voter} for ${leadership}`);
      must(hasQuorum(configuration, votedFor), `${leadership} was elected by its majorities`);
    },
  };
}
