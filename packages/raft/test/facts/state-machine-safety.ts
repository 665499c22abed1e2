import type { Entry } from '../../src/index.js';
import { entryAt } from '../support/memory-log.js';
import type { Server } from '../support/server.js';
import { type Fact, must } from './fact.js';

/**
 * What is committed is never lost or changed, no two servers apply different entries at one index, and whoever
 * leads has all of it (figure 3: state machine safety, leader completeness).
 */
export function stateMachineSafety(): Fact {
  const committed: Entry[] = [];
  return {
    taken: (server) => {
      const { id, log, status } = server;
      for (let at: number = log.firstIndex(); at <= Math.min(status.commit, log.lastIndex()); at++) {
        const entry = entryAt(log.content, at);
        must(entry !== undefined, `${id} has entry ${at}, which it calls committed`);
        const known = committed[at] ?? entry;
        must(known.term === entry.term && known.data === entry.data, `${id} has committed entry ${at}`);
        committed[at] = known;
      }
      checkApplied(server, committed);
      if (status.role !== 'leader') return;
      for (let at: number = log.firstIndex(); at < committed.length; at++) {
        const entry = committed[at];
        // A leader of an earlier term that has not heard of the new one cannot know what that one committed.
        if (!entry || entry.term > status.term) break;
        const own = entryAt(log.content, at);
        must(own?.term === entry.term && own.data === entry.data, `leader ${id} has entry ${at}`);
      }
    },
  };
}

function checkApplied({ applied, id, log }: Server, committed: readonly Entry[]): void {
  const first = applied[0]?.index ?? 0;
  for (const [at, entry] of applied.entries()) {
    must(entry.index === first + at, `${id} applies every entry once and in order, at ${entry.index}`);
    must(committed[entry.index]?.data === entry.data, `${id} applies what is committed at ${entry.index}`);
    if (entry.index <= (log.disk.compacted?.index ?? 0)) continue;
    const durable = entryAt(log.disk, entry.index);
    must(durable?.data === entry.data, `${id} applies what is durable on it at ${entry.index}`);
  }
}
