import type { Entry } from '../../src/index.js';
import { type Fact, must } from './fact.js';

/** Logs that agree on an index and its term agree on all before it (figure 3). */
export function logMatching(): Fact {
  return {
    taken: (server, servers) => {
      for (const other of servers) {
        if (other !== server) check(server.log.shown, other.log.shown, `${server.id} and ${other.id}`);
      }
    },
  };
}

function check(left: readonly Entry[], right: readonly Entry[], who: string): void {
  let at = Math.min(left.length, right.length) - 1;
  while (at >= 0 && left[at]?.term !== right[at]?.term) at--;
  for (; at >= 0; at--) {
    const [one, other] = [left[at], right[at]];
    must(one?.term === other?.term && one?.data === other?.data, `the logs of ${who} match at ${at + 1}`);
  }
}
