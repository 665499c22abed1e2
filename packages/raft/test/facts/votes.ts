import { NOBODY } from '../../src/index.js';
import { type Fact, must } from './fact.js';

/** A vote never changes within a term: neither in memory, nor on disk, nor towards others, nor over a crash. */
export function votes(): Fact {
  const given = new Map<string, string>();
  const running = new Map<string, string>();
  const check = (known: Map<string, string>, key: string, vote: string): void => {
    if (vote === NOBODY) return;
    const before = known.get(key) ?? vote;
    must(before === vote, `one vote a term: ${key} for ${before} and for ${vote}`);
    known.set(key, vote);
  };
  return {
    stepped: ({ id, incarnation, log, status }) => {
      check(running, `${id} in term ${status.term} and life ${incarnation}`, status.vote);
      check(given, `${id} in term ${log.disk.hardState.term}`, log.disk.hardState.vote);
    },
    sent: ({ id }, message) => {
      if (message.kind === 'vote-response' && message.granted) {
        check(given, `${id} in term ${message.term}`, message.to);
      }
    },
  };
}
