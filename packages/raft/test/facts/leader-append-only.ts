import type { Entry } from '../../src/index.js';
import { type Fact, must } from './fact.js';

/** A leader's log never shrinks and never changes (figure 3). */
export function leaderAppendOnly(): Fact {
  const logs = new Map<string, { readonly leadership: string; readonly entries: readonly Entry[] }>();
  return {
    taken: ({ id, incarnation, log, status }) => {
      if (status.role !== 'leader') {
        logs.delete(id);
        return;
      }
      const leadership = `${status.term} in life ${incarnation}`;
      const before = logs.get(id);
      if (before?.leadership === leadership) {
        const kept = before.entries.every((entry, at) => log.shown[at] === entry);
        must(kept, `leader ${id} keeps its log through term ${leadership}`);
      }
      logs.set(id, { leadership, entries: log.shown });
    },
  };
}
