import { StorageError } from './storage-error.js';
import type { OpenOptions } from './storage.js';

/** Whose log it is. A vote or an entry of one node must never speak for another (thesis §3.8). */
export interface Owner {
  readonly nodeId: string;
  readonly clusterId?: string;
}

/** The owner after `options` were seen: the first to open becomes it, others are refused by both names. */
export function checkOwner(owner: Owner | undefined, options: OpenOptions, place: string): Owner {
  const { nodeId, clusterId } = options;
  if (nodeId === '') throw new StorageError('InvalidArgument', 'a node id must not be empty');
  if (owner && owner.nodeId !== nodeId) {
    throw new StorageError(
      'InvalidArgument',
      `${place} belongs to node '${owner.nodeId}', it cannot be opened as node '${nodeId}'`,
    );
  }
  if (owner?.clusterId !== undefined && clusterId !== undefined && owner.clusterId !== clusterId) {
    throw new StorageError(
      'ClusterMismatch',
      `${place} belongs to cluster '${owner.clusterId}', it cannot be opened in cluster '${clusterId}'`,
    );
  }
  const known = owner?.clusterId ?? clusterId;
  return known === undefined ? { nodeId } : { nodeId, clusterId: known };
}
