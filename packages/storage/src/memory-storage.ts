import { type Random, systemRandom } from '@decoraft/base';
import type { AppendBatch, Entry, HardState, Index, Term } from '@decoraft/raft';
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
  const view = new LogView();
  let owner: Owner | undefined;
  let isOpen = false;
  return {
    async open(options: OpenOptions) {
      if (isOpen) throw new StorageError('Unavailable', 'this memory log is open already; close it first');
      owner = checkOwner(owner, options, 'this memory log');
      isOpen = true;
      return new MemoryLog(view, diskId, () => void (isOpen = false));
    },
  };
}

class MemoryLog implements NodeLog {
  readonly diskId: number;
  readonly #view: LogView;
  readonly #release: () => void;
  #closed = false;

  constructor(view: LogView, diskId: number, release: () => void) {
    this.diskId = diskId;
    this.#view = view;
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

  append(batch: AppendBatch): Promise<void> {
    if (this.#closed) return Promise.reject(new StorageError('Unavailable', 'the log is closed'));
    const problem = this.#view.problemWith(batch);
    if (problem) return Promise.reject(new StorageError('InvalidArgument', problem));
    this.#view.apply(batch);
    return Promise.resolve();
  }

  snapshot(): undefined {
    return undefined;
  }

  saveSnapshot(): Promise<void> {
    return Promise.reject(new StorageError('Unavailable', 'snapshots are not stored yet'));
  }

  readSnapshot(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  compact(): Promise<void> {
    return Promise.reject(new StorageError('Unavailable', 'the log is not compacted yet'));
  }

  close(): Promise<void> {
    if (!this.#closed) this.#release();
    this.#closed = true;
    return Promise.resolve();
  }
}
