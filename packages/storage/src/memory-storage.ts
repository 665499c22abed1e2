import type { AppendBatch, Entry, HardState, Index, LogStore, Term } from '@decoraft/raft';
import { LogView } from './log-view.js';
import { checkOwner, type Owner } from './owner.js';
import { StorageError } from './storage-error.js';
import type { OpenOptions, Storage } from './storage.js';

/**
 * A log that lives as long as this object: for tests, and for clusters that need no durability. It keeps its
 * content when it is closed and opened again, as a directory would.
 */
export function memoryStorage(): Storage {
  const view = new LogView();
  let owner: Owner | undefined;
  let isOpen = false;
  return {
    async open(options: OpenOptions) {
      if (isOpen) throw new StorageError('Unavailable', 'this memory log is open already; close it first');
      owner = checkOwner(owner, options, 'this memory log');
      isOpen = true;
      return new MemoryLog(view, () => void (isOpen = false));
    },
  };
}

class MemoryLog implements LogStore {
  readonly #view: LogView;
  readonly #release: () => void;
  #closed = false;

  constructor(view: LogView, release: () => void) {
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
