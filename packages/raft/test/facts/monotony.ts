import type { RaftStatus } from '../../src/index.js';
import { type Fact, must } from './fact.js';

/** Term, commit and applied index of a running server never decrease; applied ≤ commit ≤ last index. */
export function monotony(): Fact {
  const before = new Map<string, RaftStatus>();
  return {
    stepped: ({ id, incarnation, status }) => {
      const life = `${id} in life ${incarnation}`;
      must(status.commit <= status.lastIndex, `the commit index of ${life} is within its log`);
      must(status.applied <= status.commit, `what ${life} applied is committed`);
      const earlier = before.get(life);
      if (earlier) {
        must(earlier.term <= status.term, `the term of ${life} never decreases`);
        must(earlier.commit <= status.commit, `the commit index of ${life} never decreases`);
        must(earlier.applied <= status.applied, `the applied index of ${life} never decreases`);
      }
      before.set(life, status);
    },
  };
}
