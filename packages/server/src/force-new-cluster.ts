import { type ForcedClusterPlan, forceNewCluster as force, planForcedCluster as plan } from '@decoraft/host';
import { DecoraftError, memberRecord } from '@decoraft/protocol';
import { nodeId } from '@decoraft/raft';
import type { NodeLog, Storage } from '@decoraft/storage';

/** The disk of a survivor that does not run. */
export interface Survivor {
  readonly id: string;
  readonly storage: Storage;
}

/**
 * First step, for a cluster that lost its majority for good: what it would mean to go on from this survivor alone.
 * Reads only. The survivor must not be running; of several, choose the one whose `lastTerm`, then `lastIndex`, is
 * highest.
 *
 * @throws DecoraftError `InvalidArgument`, `Unavailable` while the node runs, `Corrupted`
 */
export async function planForcedCluster({ id, storage }: Survivor): Promise<ForcedClusterPlan> {
  return withLog({ id, storage }, (log) => plan(log, id));
}

/**
 * Second step: makes the survivor the only member of a new cluster. **Whatever only the others had is lost, and they
 * must never be started again with their disks.** The node is started as always afterwards; others join it under new
 * ids.
 *
 * @param options.address Where the node will be reached.
 * @param options.token From {@link planForcedCluster}.
 * @throws DecoraftError `InvalidArgument` for a token that does not belong to the disk as it is, `Unavailable` while
 *   the node runs, `Corrupted`, `DiskFailed`
 */
export async function forceNewCluster(
  survivor: Survivor,
  { address, token }: { readonly address: string; readonly token: string },
): Promise<void> {
  await withLog(survivor, (log) => {
    const member = { ...memberRecord({ id: survivor.id, address }), disk: log.diskId };
    return force(log, member, token);
  });
}

async function withLog<Result>(
  { id, storage }: Survivor,
  use: (log: NodeLog) => Promise<Result>,
): Promise<Result> {
  try {
    const log = await storage.open({ nodeId: nodeId(id) });
    try {
      return await use(log);
    } finally {
      await log.close();
    }
  } catch (thrown) {
    throw DecoraftError.from(thrown);
  }
}
