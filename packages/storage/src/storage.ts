import { join } from 'node:path';
import { CodedError, type Logger, messageOf, silentLogger } from '@decoraft/base';
import type { AppendBatch, Entry, HardState, Index, LogStore, NodeId, Term } from '@decoraft/raft';
import type { Disk, DiskFile } from './disk.js';
import { DurableLog } from './durable-log.js';
import { StorageError } from './errors.js';
import { claimIdentity } from './identity.js';
import { isProcessAlive, lockDirectory } from './lock.js';
import { LogView } from './log-view.js';
import { nodeDisk } from './node-disk.js';
import { type LogEnd, recover } from './recovery.js';
import { createSegment, SEGMENT_BYTES, SEGMENT_HEADER_BYTES, segmentName } from './segment.js';

/** Where a node's log is kept: opened once at a time. */
export interface Storage {
  /**
   * Recovers the log and opens it.
   *
   * @param owner The node: a place that belongs to another one is refused.
   * @throws StorageError `InvalidArgument` (another owner, in use), `Corrupted` (damage: nothing was changed),
   *   `DiskFailed`.
   */
  open(owner: { readonly nodeId: NodeId }): Promise<LogStore>;
}

export interface DurableStorageOptions {
  readonly logger?: Logger;
  /** This machine's file system by default. */
  readonly disk?: Disk;
}

/** A log in a directory, which is made where it is missing. */
export function durableStorage(directory: string, options: DurableStorageOptions = {}): Storage {
  const { disk = nodeDisk, logger = silentLogger } = options;
  return {
    async open({ nodeId }) {
      try {
        return await openDurable(disk, directory, nodeId, logger);
      } catch (thrown) {
        if (thrown instanceof CodedError) throw thrown;
        throw new StorageError('DiskFailed', `${directory} cannot be opened: ${messageOf(thrown)}`, {
          cause: thrown,
        });
      }
    },
  };
}

async function openDurable(disk: Disk, directory: string, nodeId: NodeId, logger: Logger): Promise<LogStore> {
  await disk.makeDirectory(directory);
  const release = await lockDirectory(disk, directory, { pid: process.pid, isAlive: isProcessAlive });
  try {
    await claimIdentity(disk, directory, nodeId);
    const view = new LogView();
    const end = await recover(disk, directory, ({ batch }) => view.apply(batch), logger);
    const tail = end ? await reopen(disk, directory, end) : await begin(disk, directory);
    return new DurableLog({ disk, directory, view, release, ...tail });
  } catch (thrown) {
    await release();
    throw thrown;
  }
}

async function begin(
  disk: Disk,
  directory: string,
): Promise<{ readonly file: DiskFile; readonly end: LogEnd }> {
  const file = await createSegment(disk, directory, { number: 1, size: SEGMENT_BYTES });
  const end = { segment: 1, offset: SEGMENT_HEADER_BYTES, size: SEGMENT_BYTES, lastRecord: 0, isTorn: false };
  return { file, end };
}

/** What was torn becomes zeros, durably, before anything follows: it can never come back. */
async function reopen(
  disk: Disk,
  directory: string,
  end: LogEnd,
): Promise<{ readonly file: DiskFile; readonly end: LogEnd }> {
  const file = await disk.open(join(directory, segmentName(end.segment)), 'existing');
  if (end.isTorn) {
    await file.write(new Uint8Array(end.size - end.offset), end.offset);
    await file.fdatasync();
  }
  return { file, end };
}

/** A log that lives as long as this object, through closing and opening. For tests. */
export function memoryStorage(): Storage {
  const view = new LogView();
  return { open: () => Promise.resolve(new MemoryLog(view)) };
}

class MemoryLog implements LogStore {
  readonly #view: LogView;
  #closed = false;

  constructor(view: LogView) {
    this.#view = view;
  }

  firstIndex(): Index {
    return this.#view.firstIndex();
  }

  lastIndex(): Index {
    return this.#view.lastIndex();
  }

  term(at: Index): Term | undefined {
    return this.#view.term(at);
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    return this.#view.entries(from, to, maxBytes);
  }

  hardState(): HardState {
    return this.#view.hardState();
  }

  async append(batch: AppendBatch): Promise<void> {
    if (this.#closed) throw new StorageError('InvalidArgument', 'the log is closed');
    try {
      this.#view.apply(batch);
    } catch (thrown) {
      throw new StorageError('InvalidArgument', messageOf(thrown), { cause: thrown });
    }
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }
}
