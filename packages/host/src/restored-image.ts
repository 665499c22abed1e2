import { encodeMembersImage, type MemberRecord } from '@decoraft/protocol';
import { withoutClients } from '@decoraft/state-machine';
import { type Random, stableHash } from '@decoraft/base';
import { encodeImageHead, readImage } from './node-image.js';

/** What a restored group is, beside the state of its machines. */
export interface RestoredGroup {
  readonly clusterId: string;
  /** The index at which its log begins: see {@link restoredIndex}. */
  readonly index: number;
  /** The only one; others join it. */
  readonly member: MemberRecord;
}

/** By how much more entries than any group will ever have beside its backup. */
const LEAST_JUMP = 1e12;
const MOST_JUMP = 1e15;
/** So that a group can be backed up and restored over and over, and never run out of indexes. */
const SHARE = 16;

/**
 * The data of a node's snapshot as that of a new group: the machines as they were, one member, and no client. A session
 * of the group that was backed up has ended here: what its client sends is refused, and never executed a second time.
 *
 * @param chunks The data of the snapshot.
 * @throws DecoraftError `Corrupted`, `Unimplemented` for a format that cannot be restored.
 */
export async function* restoredImage(
  chunks: AsyncIterable<Uint8Array>,
  { clusterId, index, member }: RestoredGroup,
): AsyncGenerator<Uint8Array> {
  const { replica } = await readImage(chunks);
  // The ids of the group that was backed up were used in that group: nobody is retired here.
  yield encodeImageHead(encodeMembersImage({ clusterId, members: [member], retired: [] }));
  yield* withoutClients(replica, index);
}

/**
 * Where the log of a restored group begins: far beyond all indexes that the group which was backed up has or will have,
 * and somewhere else each time. A session is named by the index of the entry that opened it, so no session of the one
 * group is ever taken for one of the other.
 *
 * @param index Of the backup.
 */
export function restoredIndex(index: number, random: Random): number {
  const room = Math.floor((Number.MAX_SAFE_INTEGER - index) / SHARE);
  return index + LEAST_JUMP + Math.floor(random() * Math.min(MOST_JUMP, room));
}

/** A name for a new cluster, which is not that of the one before. */
export function restoredClusterId(before: string, random: Random): string {
  for (;;) {
    const id = stableHash(`${before}/${random()}/${random()}`).toString(16).padStart(8, '0');
    if (id !== before && stableHash(id) !== stableHash(before)) return id;
  }
}
