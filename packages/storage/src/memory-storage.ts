import { type Random, systemRandom } from '@decoraft/base';
import type { AppendBatch, Entry, HardState, Index, Snapshot, SnapshotMetadata, Term } from '@decoraft/raft';
import { changeOf } from './log-change.js';
import { LogView } from './log-view.js';
import { checkOwner, type Owner } from './owner.js';
import { StorageError } from './storage-error.js';
import type { NodeLog, OpenOptions, Storage } from './storage.js';

/**
 * A log that lives as long as this object: for tests, and for clusters that need no durability. It keeps its
 * content when it is closed and opened again, as a directory would.
 *
 * @param random Draws the disk's number.
 */
export function memoryStorage(random: Random = systemRandom): Storage {
  const diskId = 1 + Math.floor(random() * 0xffff_ffff);
  const content: Content = { view: new LogView(), snapshot: undefined };
  let owner: Owner | undefined;
  let isOpen = false;
  return {
    async open(options: OpenOptions) {
      if (isOpen) throw new StorageError('Unavailable', 'this memory log is open already; close it first');
      owner = checkOwner(owner, options, 'this memory log');
      isOpen = true;
      content.view.recoverSnapshot(content.snapshot);
      return new MemoryLog(content, diskId, () => void (isOpen = false));
    },
  };
}

/** What stays when the log is closed. */
interface Content {
  readonly view: LogView;
  snapshot: Snapshot | undefined;
}

class MemoryLog implements NodeLog {
  readonly diskId: number;
  readonly #content: Content;
  readonly #view: LogView;
  readonly #release: () => void;
  #closed = false;

  constructor(content: Content, diskId: number, release: () => void) {
    this.diskId = diskId;
    this.#content = content;
    this.#view = content.view;
    this.#release = release;
  }

  firstIndex(): Index {
    return this.#view.firstIndex();
  }

  lastIndex(): Index {
    return this.#view.lastIndex();
  }

  term(index: Index): Term | undefined {
    return this.#view.term(index);
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    return this.#view.entries(from, to, maxBytes);
  }

  hardState(): HardState {
    return this.#view.hardState();
  }

  snapshot(): SnapshotMetadata | undefined {
    return this.#view.snapshot();
  }

  async append(batch: AppendBatch): Promise<void> {
    this.#check(this.#view.problemWith(batch));
    this.#view.apply(changeOf(batch, this.#view));
    if (batch.snapshot) this.#keep(batch.snapshot);
  }

  async saveSnapshot(snapshot: Snapshot): Promise<void> {
    this.#check(this.#view.problemWithSnapshot(snapshot));
    if (this.#view.isNewer(snapshot)) this.#keep(snapshot);
  }

  async readSnapshot(): Promise<Snapshot | undefined> {
    this.#check();
    return this.#content.snapshot;
  }

  async compact(through: Index): Promise<void> {
    this.#check(this.#view.problemWithCompaction(through));
    const change = this.#view.compactionTo(through);
    if (change) this.#view.apply(change);
  }

  async close(): Promise<void> {
    if (!this.#closed) this.#release();
    this.#closed = true;
  }

  #check(problem?: string): void {
    if (this.#closed) throw new StorageError('Unavailable', 'the log is closed');
    if (problem !== undefined) throw new StorageError('InvalidArgument', problem);
  }

  #keep(snapshot: Snapshot): void {
    this.#content.snapshot = snapshot;
    this.#view.showSnapshot(snapshot);
  }
}
