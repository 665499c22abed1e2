import { type Fact, must } from './fact.js';

/** A leader moves its commit index to entries of its own term only; older ones come along (§5.4.2, figure 8). */
export function commitment(): Fact {
  const first = new Map<string, number>();
  return {
    stepped: ({ id, incarnation, status }) => {
      const leadership = `${id} in term ${status.term} and life ${incarnation}`;
      if (status.role === 'leader' && !first.has(leadership)) first.set(leadership, status.commit);
    },
    taken: ({ id, incarnation, log, status }) => {
      const before = first.get(`${id} in term ${status.term} and life ${incarnation}`) ?? status.commit;
      if (status.role !== 'leader' || status.commit === before) return;
      must(
        log.shown[status.commit - 1]?.term === status.term,
        `leader ${id} counts for entry ${status.commit}, which is of its own term ${status.term}`,
      );
    },
  };
}
