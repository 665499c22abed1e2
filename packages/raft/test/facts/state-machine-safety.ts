import type { Entry } from '../../src/index.js';
import { type Fact, must } from './fact.js';

/**
 * What is committed is never lost or changed, no two servers apply different entries at one index, and whoever
 * leads has all of it (figure 3: state machine safety, leader completeness).
 */
export function stateMachineSafety(): Fact {
  const committed: Entry[] = [];
  return {
    taken: ({ id, log, status, applied }) => {
      for (let at = 0; at < status.commit; at++) {
        const entry = log.shown[at];
        must(entry !== undefined, `${id} has entry ${at + 1}, which it calls committed`);
        const known = committed[at] ?? entry;
        must(known.term === entry.term && known.data === entry.data, `${id} has committed entry ${at + 1}`);
        committed[at] = known;
      }
      for (const [at, entry] of applied.entries()) {
        must(entry.index === at + 1, `${id} applies every entry once and in order, at ${at + 1}`);
        must(committed[at]?.data === entry.data, `${id} applies what is committed at ${at + 1}`);
        must(log.disk.entries[at]?.data === entry.data, `${id} applies what is durable on it at ${at + 1}`);
      }
      if (status.role !== 'leader') return;
      for (const [at, entry] of committed.entries()) {
        // A leader of an earlier term that has not heard of the new one cannot know what that one committed.
        if (entry.term > status.term) break;
        const own = log.shown[at];
        must(own?.term === entry.term && own.data === entry.data, `leader ${id} has entry ${at + 1}`);
      }
    },
  };
}
