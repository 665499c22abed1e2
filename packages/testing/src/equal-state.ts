import { StateHashes } from './checkers/state-hashes.js';
import type { Check, NodeProbe } from './check.js';

/** Up to here, the state is looked at after every entry; most runs are no longer. */
const EACH_UNTIL = 4_096;
/** Hashing reads the whole state, which grows: behind that only every so many entries, and the same ones on all nodes. */
const HASHED_EVERY = 16;

/** Machines are equal where they have applied the same, by a hash over everything that is replicated. */
export function equalState(): Check {
  const hashes = new StateHashes();
  const looked = new Map<string, number>();
  const look = ({ id, raft }: NodeProbe): void => hashes.applied(id, raft.appliedIndex, raft.stateHash);
  return {
    stepped: (node) => {
      const { appliedIndex } = node.raft;
      if (appliedIndex === 0 || (appliedIndex > EACH_UNTIL && appliedIndex % HASHED_EVERY !== 0)) return;
      if (looked.get(node.id) === appliedIndex) return;
      looked.set(node.id, appliedIndex);
      look(node);
    },
    healed: (nodes) => {
      for (const node of nodes) look(node);
    },
  };
}
