import { entryAt, type LogContent } from '../support/memory-log.js';
import { type Fact, must } from './fact.js';

/** A leader's log never shrinks and never changes (figure 3), but for what is compacted. */
export function leaderAppendOnly(): Fact {
  const logs = new Map<string, { readonly leadership: string; readonly content: LogContent }>();
  return {
    taken: ({ id, incarnation, log, status }) => {
      if (status.role !== 'leader') {
        logs.delete(id);
        return;
      }
      const leadership = `${status.term} in life ${incarnation}`;
      const before = logs.get(id);
      if (before?.leadership === leadership) {
        const first = log.firstIndex();
        const kept = before.content.entries.every(
          (entry) => entry.index < first || entryAt(log.content, entry.index) === entry,
        );
        must(kept, `leader ${id} keeps its log through term ${leadership}`);
      }
      logs.set(id, { leadership, content: log.content });
    },
  };
}
