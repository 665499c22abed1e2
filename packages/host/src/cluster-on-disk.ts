import { decodeMembersImage, decodeMembersUpdate, type GroupMember } from '@decoraft/protocol';
import {
  changeConfiguration,
  type Configuration,
  configurationOf,
  decodeConfigurationChange,
  type Entry,
} from '@decoraft/raft';
import { listMembers, Members } from './members.js';
import { readImage } from './node-image.js';

/** Of which cluster a log is, as of its last entry. */
export interface ClusterOnDisk {
  /** Empty while nothing names one: the log has not begun. */
  readonly clusterId: string;
  readonly members: readonly GroupMember[];
}

export interface LogOfCluster {
  /** Of the newest snapshot, if there is one. */
  readonly configuration: Configuration | undefined;
  /** The beginning of that snapshot's data, long enough to hold the list of members. */
  readonly imageBeginning: Uint8Array | undefined;
  /** Configuration entries behind it, in their order; others may be among them. */
  readonly entries: Iterable<Entry>;
}

/** Whose log this is. @throws CodedError `Corrupted`, `InvalidArgument` for bytes that make no sense. */
export async function clusterOnDisk({
  configuration,
  entries,
  imageBeginning,
}: LogOfCluster): Promise<ClusterOnDisk> {
  const members = new Members();
  if (imageBeginning) {
    const image = await readImage(oneChunk(imageBeginning));
    members.restore(decodeMembersImage(image.members));
  }
  let current = configuration ?? configurationOf({ voters: [] });
  for (const entry of entries) {
    if (entry.kind !== 'configuration') continue;
    const change = decodeConfigurationChange(entry.data);
    if (change.context.length > 0) members.update(decodeMembersUpdate(change.context));
    current = changeConfiguration(current, change);
  }
  return { clusterId: members.clusterId, members: listMembers(members, current) };
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
