import type { RaftStatus } from '@decoraft/raft';
import { type Check, FactBroken } from '@decoraft/testing';

interface Heard {
  readonly leader: string;
  readonly term: number;
  readonly atMs: number;
}

/**
 * Whoever heard its leader a moment ago elects no other, unless that leader wants it (thesis §4.2.3, §6.2): a server that
 * is cut off from the leader alone must not depose it. Nothing is lost when it does, so that no other check sees it.
 *
 * @param nowMs The time of the world.
 * @param loyalForMs Well below the shortest election timeout: clocks drift.
 */
export function loyaltyFacts(nowMs: () => number, loyalForMs: number): Check {
  const heard = new Map<string, Heard>();
  /** Who campaigns because its leader said so, and in which term. */
  const chosen = new Set<string>();
  /** Who lost its disk: what such a one sends, nobody hears here. */
  const unseen = new Set<string>();
  const seen = new Map<string, { readonly life: number; readonly status: RaftStatus }>();
  return {
    steppedUnseen: (id) => void unseen.add(id),
    sent: (message) => {
      if (message.kind === 'vote-request' && message.transfer) chosen.add(`${message.from}/${message.term}`);
      if (message.kind !== 'heartbeat-response') return;
      heard.set(message.from, { leader: message.to, term: message.term, atMs: nowMs() });
    },
    stepped: ({ id, life, raft: { status } }) => {
      if (!status) return;
      const before = seen.get(id);
      seen.set(id, { life, status });
      const { term, vote } = status;
      if (before?.life !== life || term === before.status.term || vote === '' || vote === id) return;
      if (unseen.has(vote)) return;
      const last = heard.get(id);
      const { leader, term: termBefore } = before.status;
      if (last?.leader !== leader || last.term !== termBefore || chosen.has(`${vote}/${term}`)) return;
      const agoMs = nowMs() - last.atMs;
      if (agoMs >= loyalForMs) return;
      const finding = `${id} voted in term ${term} for ${vote}, ${agoMs} ms after it heard ${leader} lead term ${termBefore}`;
      throw new FactBroken({ fact: 'loyal-to-its-leader', finding, nodes: [id, vote, leader], indexes: [] });
    },
  };
}
