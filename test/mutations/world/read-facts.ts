import { type Check, FactBroken } from '@decoraft/testing';

/**
 * The index that a leader gives to a follower for a read is at least all that anybody knew to be committed when it was
 * asked for (thesis §6.4). Clients see it only when one of them was told of what is missing, and another one looks there.
 */
export function readFacts(): Check {
  let committed = 0;
  /** What was committed when it was asked for, by who asked and its own number for it. */
  const asked = new Map<string, number>();
  return {
    stepped: ({ raft: { status } }) => void (committed = Math.max(committed, status?.commit ?? 0)),
    sent: (message) => {
      if (message.kind === 'read-index-request') {
        const key = `${message.from}/${message.context}`;
        // After a restart the numbers begin anew: answers to the earlier question may still be on their way.
        asked.set(key, Math.min(asked.get(key) ?? Infinity, committed));
      }
      if (message.kind !== 'read-index-response') return;
      const { context, from, index, term, to } = message;
      const least = asked.get(`${to}/${context}`) ?? 0;
      if (index >= least) return;
      const finding = `${from} in term ${term} said to ${to} that a read has to see entry ${index}; ${least} was committed`;
      throw new FactBroken({
        fact: 'linearizable-reads',
        finding,
        nodes: [from, to],
        indexes: [index, least],
      });
    },
  };
}
