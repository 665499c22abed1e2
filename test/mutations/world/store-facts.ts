import { type Check, FactBroken } from '@decoraft/testing';

/** Between two events, the core and its store agree on where the log ends: what is ready was handed over. */
export function storeFacts(): Check {
  return {
    stepped: ({ id, raft: { log, status } }) => {
      if (!log || !status || status.lastIndex === log.lastIndex()) return;
      const stored = log.lastIndex();
      const finding = `the log of ${id} ends at ${status.lastIndex}, and in its store at ${stored}`;
      throw new FactBroken({
        fact: 'log-ends-where-its-store-ends',
        finding,
        nodes: [id],
        indexes: [stored],
      });
    },
  };
}
