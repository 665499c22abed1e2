import { type Random, systemRandom } from '@decoraft/base';
import { restoredClusterId, restoredImage, restoredIndex } from '@decoraft/host';
import { DecoraftError, memberRecord } from '@decoraft/protocol';
import { configurationOf, index, NOBODY, nodeId } from '@decoraft/raft';
import {
  type BackupDescription,
  type BackupFile,
  describeChunks,
  durableStorage,
  makeDirectory,
  openBackupFile,
  refuseUsedDirectory,
} from '@decoraft/storage';

export interface RestoreOptions {
  /** The backup. */
  readonly file: string;
  /** Of the first node of the new cluster; there must be none, or an empty one. */
  readonly directory: string;
  readonly id: string;
  /** Where the node will be reached, `host:port`. */
  readonly address: string;
  /** Called as bytes are dealt with: all of the data is verified first, then restored. */
  readonly onProgress?: (progress: RestoreProgress) => void;
  /** Gives up, and leaves nothing behind. */
  readonly signal?: AbortSignal;
  readonly random?: Random;
}

export interface RestoreProgress {
  readonly step: 'verifying' | 'restoring';
  readonly doneBytes: number;
  readonly totalBytes: number;
}

export interface Restored {
  readonly backup: BackupDescription;
  /** Of the new cluster. */
  readonly clusterId: string;
  /** Behind which the log of the new cluster begins. */
  readonly index: number;
}

/**
 * Makes the first node of a NEW cluster from a backup: all machines as they were, one member, and a new cluster id. It
 * is started as always; others join it with empty disks. The cluster that was backed up is not touched, and neither
 * cluster ever listens to a member of the other.
 *
 * Sessions are not restored. The log of the new cluster begins beyond every index that the old one may reach, so a
 * client of the old cluster that finds the new one, be it at the same address, is told `SessionExpired` for whatever it
 * sends in its session: none of its commands is executed by both, and none of its subscriptions goes on with a gap. What
 * it asks is answered, from what was restored.
 *
 * The directory is there whole and flushed, or not at all.
 *
 * @throws DecoraftError `InvalidArgument` for a directory that is not empty, or a file that is no backup; `Corrupted` for
 *   a damaged backup, `Unimplemented` for one of a newer release; `DiskFull`, `PermissionDenied`, `DiskFailed`; the
 *   signal's reason.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  try {
    await refuseUsedDirectory(options.directory);
    const backup = await openBackupFile(options.file);
    try {
      return await restore(backup, options);
    } finally {
      await backup.close();
    }
  } catch (thrown) {
    if (options.signal?.aborted) throw options.signal.reason;
    throw DecoraftError.from(thrown);
  }
}

async function restore(backup: BackupFile, options: RestoreOptions): Promise<Restored> {
  const { address, directory, id, random = systemRandom } = options;
  const { description } = backup;
  const group = {
    clusterId: restoredClusterId(description.clusterId, random),
    index: restoredIndex(description.index, random),
  };
  await makeDirectory(directory, async (aside) => {
    const log = await durableStorage(aside).open({ nodeId: nodeId(id) });
    try {
      const member = { ...memberRecord({ id, address }), disk: log.diskId };
      const image = (step: RestoreProgress['step']): AsyncIterable<Uint8Array> =>
        restoredImage(watched(backup, step, options), { ...group, member });
      const metadata = {
        index: index(group.index),
        term: description.term,
        configuration: configurationOf({ voters: [nodeId(id)] }),
      };
      // Nothing is believed before all of it was read and compared with its checksum.
      const incoming = await log.receiveSnapshot({
        ...metadata,
        ...(await describeChunks(image('verifying'))),
      });
      for await (const chunk of image('restoring')) await incoming.write(chunk);
      if (!(await incoming.finish())) {
        throw new DecoraftError('Corrupted', `what was written to ${aside} is not what was read`);
      }
      const hardState = { term: description.term, vote: NOBODY, commit: metadata.index };
      await log.append({ snapshot: metadata, entries: [], hardState });
    } finally {
      await log.close();
    }
  });
  return { backup: description, ...group };
}

async function* watched(
  backup: BackupFile,
  step: RestoreProgress['step'],
  { onProgress, signal }: RestoreOptions,
): AsyncGenerator<Uint8Array> {
  const totalBytes = backup.description.dataBytes;
  let doneBytes = 0;
  for await (const chunk of backup.chunks()) {
    signal?.throwIfAborted();
    yield chunk;
    doneBytes += chunk.length;
    onProgress?.({ step, doneBytes, totalBytes });
  }
  signal?.throwIfAborted();
}
