import { hashBytes } from '@decoraft/base';
import { DecoraftError, decodeMembers, encodeMembers, type MemberAddress } from '@decoraft/protocol';
import { type Entry, index, type LogReader, type LogStore, NOBODY, term } from '@decoraft/raft';

const FIRST_INDEX = index(1);
const FIRST_TERM = term(1);
const ALL_BYTES = Number.MAX_SAFE_INTEGER;

/** Who forms the cluster, as the log has it. */
export interface ClusterConfiguration {
  /** A fingerprint of the first configuration: two clusters that began differently never mix. */
  readonly cluster: number;
  readonly members: readonly MemberAddress[];
}

/** The configuration in the log; `undefined` on a node that was never bootstrapped. */
export function readConfiguration(log: LogReader): ClusterConfiguration | undefined {
  if (log.lastIndex() < FIRST_INDEX) return undefined;
  const [entry] = log.entries(FIRST_INDEX, index(2), ALL_BYTES);
  if (entry?.kind !== 'configuration') {
    throw new DecoraftError('Corrupted', 'the first entry of the log is not a configuration');
  }
  return { cluster: hashBytes(entry.data), members: decodeMembers(entry.data) };
}

/**
 * Begins a cluster: writes the first configuration as entry 1 of term 1, committed. The same list gives the same
 * entry on every node, so each may do it. Does nothing on a node whose log has begun: what is on disk beats what
 * is in a file.
 *
 * @throws DecoraftError `InvalidArgument` for a list that cannot be a cluster.
 */
export async function bootstrapLog(log: LogStore, members: readonly MemberAddress[]): Promise<void> {
  if (log.lastIndex() >= FIRST_INDEX) return;
  checkMembers(members);
  const entry: Entry = {
    term: FIRST_TERM,
    index: FIRST_INDEX,
    kind: 'configuration',
    data: encodeMembers(members),
  };
  await log.append({
    entries: [entry],
    hardState: { term: FIRST_TERM, vote: NOBODY, commit: FIRST_INDEX },
  });
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
