import type { Configuration } from '../../src/index.js';
import { configurationWords } from '../support/configuration-words.js';
import type { Server } from '../support/server.js';
import { type Fact, must } from './fact.js';

/**
 * Changes of the members never overlap: a leader begins one only when all earlier ones in its log are in effect on it,
 * hence committed (thesis §4.1). And the core is in the configuration that the applied entries make.
 */
export function configurationChanges(): Fact {
  const checked = new Map<string, number>();
  return {
    taken: (server) => {
      const { id, incarnation, log, status } = server;
      if (status.role !== 'leader') return;
      const leadership = `${id} in term ${status.term} and life ${incarnation}`;
      // Up to here its predecessors appended, who had their own knowledge.
      let last = checked.get(leadership) ?? 0;
      for (const { index, kind, term } of log.shown) {
        if (kind === 'normal' || index <= last || term !== status.term) continue;
        const pending = log.shown.find((other) => {
          return other.kind === 'configuration' && other.index < index && other.index > status.applied;
        });
        must(pending === undefined, `the change of ${id} at ${index} waits for that at ${pending?.index}`);
        last = index;
      }
      checked.set(leadership, last);
    },
    stepped: (server) => {
      const { applied, configuration } = server.status;
      const expected = configurationOf(server);
      if (expected === undefined || expected === configuration) return;
      const [words, expectedWords] = [configurationWords(configuration), configurationWords(expected)];
      must(words === expectedWords, `${server.id} at ${applied} has members ${expectedWords}, not ${words}`);
    },
  };
}

/** As of what the core knows to be applied; `undefined` while a snapshot is on its way into the state machine. */
function configurationOf({ machine, status }: Server): Configuration | undefined {
  const isInstalling = status.firstIndex > status.applied + 1;
  return isInstalling ? undefined : machine.stateAt(status.applied)?.configuration;
}
