import { DecoraftError } from '@decoraft/protocol';
import { FIRST_TERM } from './bootstrap.js';
import type { AdmissionAnswer, AdmissionQuestion } from './admission.js';
import type { RaftNode } from './raft-node.js';

/** What a node of the first list is while it began, or waits to begin, with an empty disk. */
export interface Beginner {
  readonly disk: number;
  /** See `fingerprintOf`. */
  readonly cluster: number;
  /** The disks by id that it counted on when it began. */
  readonly countedOn: ReadonlyMap<string, number>;
}

/**
 * Answers a node with an empty disk that asks whether it may take part: see `admission.ts`.
 *
 * @param node `undefined` while this one waits itself.
 * @param beginner `undefined` where this one did not begin in this life of its process.
 * @returns `undefined` where there is nothing to say yet.
 */
export async function answerBeginner(
  { cluster, disk, id }: AdmissionQuestion,
  node: RaftNode | undefined,
  beginner: Beginner | undefined,
): Promise<AdmissionAnswer | undefined> {
  if (!node) {
    if (!beginner) return undefined;
    return beginner.cluster === cluster ? { kind: 'fresh', disk: beginner.disk } : { kind: 'stranger' };
  }
  const { members } = node;
  if (members.isRetired(id) || members.isOtherDisk(id, disk)) return { kind: 'refused' };
  if (node.cluster !== cluster) return { kind: 'stranger' };
  if (node.isLeader && members.get(id)) {
    const isRegistered = await node.membership.register(id, disk).catch(notNow);
    if (isRegistered === false) return { kind: 'refused' };
    if (isRegistered) return { kind: 'registered', term: node.status().term };
  }
  return {
    kind: 'begun',
    isUntouched: node.status().term === FIRST_TERM,
    countedOn: beginner?.countedOn.get(id) ?? 0,
  };
}

/** It leads no more, or has no majority: another time, or another leader. */
function notNow(thrown: unknown): undefined {
  if (!(thrown instanceof DecoraftError)) throw thrown;
}
