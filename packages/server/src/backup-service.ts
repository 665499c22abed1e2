import type { Clock } from '@decoraft/base';
import { listMembers, type RaftNode } from '@decoraft/host';
import { DecoraftError } from '@decoraft/protocol';
import type { LogStore, StoredSnapshot } from '@decoraft/raft';
import type { Method, Service } from '@decoraft/rpc';
import { encodeBackupHeader } from '@decoraft/storage';

/** The method of a group's service at which backups are asked for: a server stream. Never renamed. */
export const BACKUP_METHOD = 'backup';

/** Of one item of the stream. What is on the way to a slow reader is bounded by the credit that it grants. */
const ITEM_BYTES = 64 * 1024;
/** A large snapshot takes its time; until it is there, empty items say that it is being made. */
const SIGN_OF_LIFE_MS = 1_000;
const NOTHING_YET = new Uint8Array(0);

export interface BackupServiceOptions {
  /** The node and its log, once they are there. */
  readonly node: () => RaftNode | undefined;
  readonly log: () => LogStore | undefined;
  readonly clock: Clock;
}

/**
 * Serves backups, as a part of the group's service, from any node: a stream that is a backup file, its header first, then the data in items of
 * 64 KiB. Empty items may come before: they say that it takes longer.
 *
 * It has all that was acknowledged to anyone before the call: the leader's commit index is confirmed first (§6.4), then
 * this node applies up to there and takes a snapshot. That is a file, which is read as fast as the caller reads: a slow
 * one costs no memory, and keeps no command waiting.
 */
export class BackupService implements Service {
  readonly methods: readonly Method[];
  readonly #options: BackupServiceOptions;

  constructor(options: BackupServiceOptions) {
    this.#options = options;
    this.methods = [{ kind: 'stream', name: BACKUP_METHOD, handle: (_, { signal }) => this.#stream(signal) }];
  }

  async *#stream(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const node = this.#options.node();
    const log = this.#options.log();
    if (!node || !log)
      throw new DecoraftError('Unavailable', 'the node has not started, or is out of service');
    const preparing = currentSnapshot(node, log, signal);
    try {
      while (await this.#isPending(preparing)) yield NOTHING_YET;
      const snapshot = await preparing;
      const { checksum, dataBytes, index, term } = snapshot;
      yield encodeBackupHeader({
        index,
        term,
        timeMs: Math.floor(this.#options.clock.now()),
        dataBytes,
        checksum,
        clusterId: node.members.clusterId,
        nodeId: node.id,
        members: listMembers(node.members, snapshot.configuration),
      });
      for await (const chunk of snapshot.chunks()) {
        for (let at = 0; at < chunk.length; at += ITEM_BYTES) yield chunk.subarray(at, at + ITEM_BYTES);
      }
    } finally {
      // The caller may be gone before there is one.
      void preparing.then((snapshot) => snapshot.close()).catch(() => undefined);
    }
  }

  /** Whether it takes longer than the caller should wait for a sign of life. */
  #isPending(work: Promise<unknown>): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(SIGN_OF_LIFE_MS, () => resolve(true));
      const settled = (): void => {
        timer.cancel();
        resolve(false);
      };
      work.then(settled, settled);
    });
  }
}

/** A snapshot that has all that was acknowledged before the call. */
async function currentSnapshot(node: RaftNode, log: LogStore, signal: AbortSignal): Promise<StoredSnapshot> {
  await node.linearize();
  const needed = node.replica.appliedIndex;
  // One that was under way may have begun before.
  while ((log.snapshot()?.index ?? 0) < needed) {
    signal.throwIfAborted();
    await node.takeSnapshot();
  }
  const snapshot = await log.readSnapshot();
  if (snapshot && snapshot.index >= needed) return snapshot;
  await snapshot?.close();
  throw new DecoraftError('Unavailable', `the snapshot of index ${needed} is there no more`);
}
