import { type Random, systemRandom } from '@decoraft/base';
import type {
  AppendBatch,
  Entry,
  HardState,
  IncomingSnapshot,
  Index,
  SnapshotDescription,
  SnapshotMetadata,
  StoredSnapshot,
  Term,
} from '@decoraft/raft';
import { changeOf } from './log-change.js';
import { LogView } from './log-view.js';
import { MemorySnapshots } from './memory-snapshots.js';
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
  const content: Content = { view: new LogView(), snapshots: new MemorySnapshots() };
  let owner: Owner | undefined;
  let isOpen = false;
  return {
    async open(options: OpenOptions) {
      if (isOpen) throw new StorageError('Unavailable', 'this memory log is open already; close it first');
      owner = checkOwner(owner, options, 'this memory log');
      isOpen = true;
      content.view.recoverSnapshot(content.snapshots.newest);
      return new MemoryLog(content, diskId, () => void (isOpen = false));
    },
  };
}

/** What stays when the log is closed. */
interface Content {
  readonly view: LogView;
  readonly snapshots: MemorySnapshots;
}

class MemoryLog implements NodeLog {
  readonly diskId: number;
  readonly #content: Content;
  readonly #view: LogView;
  readonly #release: () => void;
  /** Never rejects; resolves when all snapshots are saved that were to be. */
  #saving: Promise<void> = Promise.resolve();
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
    const { snapshots } = this.#content;
    this.#check(this.#view.problemWith(batch) ?? snapshots.problemWithInstalled(batch));
    this.#view.apply(changeOf(batch, this.#view));
    if (!batch.snapshot) return;
    snapshots.install(batch.snapshot);
    this.#view.showSnapshot(batch.snapshot);
  }

  async saveSnapshot(metadata: SnapshotMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    this.#check(this.#view.problemWithSnapshot(metadata));
    const saved = this.#saving.then(() => this.#save(metadata, chunks));
    this.#saving = saved.catch(() => undefined);
    return saved;
  }

  async readSnapshot(): Promise<StoredSnapshot | undefined> {
    this.#check();
    return this.#content.snapshots.read();
  }

  async receiveSnapshot(snapshot: SnapshotDescription): Promise<IncomingSnapshot> {
    this.#check();
    return this.#content.snapshots.receive(snapshot);
  }

  async compact(through: Index): Promise<void> {
    this.#check(this.#view.problemWithCompaction(through));
    const change = this.#view.compactionTo(through);
    if (change) this.#view.apply(change);
  }

  async close(): Promise<void> {
    if (this.#closed) return this.#saving;
    this.#closed = true;
    await this.#saving;
    this.#release();
  }

  #check(problem?: string): void {
    if (this.#closed) throw new StorageError('Unavailable', 'the log is closed');
    if (problem !== undefined) throw new StorageError('InvalidArgument', problem);
  }

  async #save(metadata: SnapshotMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    if (!this.#view.isNewer(metadata)) return;
    await this.#content.snapshots.save(metadata, chunks);
    if (this.#view.isNewer(metadata)) this.#view.showSnapshot(metadata);
  }
}
