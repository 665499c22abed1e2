import { stableHash } from '@decoraft/base';
import {
  DecoraftError,
  encodeMembersUpdate,
  type MemberAddress,
  memberRecord,
  type MembersUpdate,
} from '@decoraft/protocol';
import {
  type ConfigurationChange,
  encodeConfigurationChange,
  type Entry,
  index,
  type LogStore,
  NOBODY,
  nodeId,
  term,
} from '@decoraft/raft';
import type { FirstPromise } from './admission.js';

/** Of the entries that begin a cluster. Nobody is elected in it. */
export const FIRST_TERM = term(1);
const NO_PROMISE: FirstPromise = { term: FIRST_TERM, vote: NOBODY };
const NO_CONTEXT = new Uint8Array(0);

export interface BootstrapOptions {
  /** Tells two clusters apart that begin with the same members; made from the list when left out. */
  readonly clusterId?: string;
  /** What a leader asked for that registered this node's disk: see `admission.ts`. */
  readonly promise?: FirstPromise;
}

/**
 * Begins a cluster: writes one configuration entry for each member, in term 1, committed; the first of them names
 * the cluster. The same list gives the same entries on every node, so each may do it. Does nothing on a node whose
 * log has begun. Whether a node may begin at all is decided before: see `admission.ts`.
 *
 * @throws DecoraftError `InvalidArgument` for a list that cannot be a cluster.
 */
export async function bootstrapLog(
  log: LogStore,
  members: readonly MemberAddress[],
  { clusterId = clusterIdOf(members), promise = NO_PROMISE }: BootstrapOptions = {},
): Promise<void> {
  // What is on the disk beats what is in a file (checklist C27).
  if (log.lastIndex() > 0 || log.snapshot()) return;
  checkMembers(members);
  const update: MembersUpdate = { clusterId, members: members.map(memberRecord) };
  const entries = sortMembers(members).map(({ id }, at): Entry => {
    const change: ConfigurationChange = {
      transition: 'auto',
      changes: [{ kind: 'add-voter', id: nodeId(id) }],
      context: at === 0 ? encodeMembersUpdate(update) : NO_CONTEXT,
    };
    const data = encodeConfigurationChange(change);
    return { term: FIRST_TERM, index: index(at + 1), kind: 'configuration', data };
  });
  const commit = index(entries.length);
  await log.append({ entries, hardState: { ...promise, commit } });
}

/** The name of a cluster that was given none: a fingerprint of its first members. */
export function clusterIdOf(members: readonly MemberAddress[]): string {
  const list = sortMembers(members).map(({ address, id }) => `${id}=${address}`);
  return stableHash(list.join(',')).toString(16).padStart(8, '0');
}

function sortMembers(members: readonly MemberAddress[]): readonly MemberAddress[] {
  return members.toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

function checkMembers(members: readonly MemberAddress[]): void {
  if (members.length === 0) throw new DecoraftError('InvalidArgument', 'a cluster needs at least one member');
  const addresses = new Map<string, string>();
  for (const { id, address } of members) {
    if (id === '') throw new DecoraftError('InvalidArgument', 'a member has an empty id');
    const other = addresses.get(address);
    if (other !== undefined) {
      throw new DecoraftError(
        'InvalidArgument',
        `members ${other} and ${id} have the same address ${address}`,
      );
    }
    addresses.set(address, id);
  }
}
