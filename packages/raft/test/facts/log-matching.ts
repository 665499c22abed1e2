import { entryAt, lastIndexOf, type LogContent } from '../support/memory-log.js';
import { type Fact, must } from './fact.js';

/** Logs that agree on an index and its term agree on all before it (figure 3), as far as both have it. */
export function logMatching(): Fact {
  return {
    taken: (server, servers) => {
      for (const other of servers) {
        if (other !== server) check(server.log.content, other.log.content, `${server.id} and ${other.id}`);
      }
    },
  };
}

function check(left: LogContent, right: LogContent, who: string): void {
  const first = Math.max(left.compacted?.index ?? 0, right.compacted?.index ?? 0) + 1;
  let at = Math.min(lastIndexOf(left), lastIndexOf(right));
  while (at >= first && entryAt(left, at)?.term !== entryAt(right, at)?.term) at--;
  for (; at >= first; at--) {
    const [one, other] = [entryAt(left, at), entryAt(right, at)];
    must(one?.term === other?.term && one?.data === other?.data, `the logs of ${who} match at ${at}`);
  }
}
