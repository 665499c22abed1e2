import { type Fact, must } from './fact.js';

/** At most one leader a term (figure 3). */
export function electionSafety(): Fact {
  const leaders = new Map<number, string>();
  return {
    stepped: ({ id, status }) => {
      if (status.role !== 'leader') return;
      const known = leaders.get(status.term) ?? id;
      must(known === id, `one leader in term ${status.term}: ${known} and ${id}`);
      leaders.set(status.term, id);
    },
  };
}
