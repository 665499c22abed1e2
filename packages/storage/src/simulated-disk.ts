import { type Random, seededRandom } from '@decoraft/base';
import type { DirectoryLock, Disk, DiskFile, ReadOnlyFile } from './disk.js';
import { SimulatedFile } from './simulated-file.js';
import { StorageError } from './storage-error.js';

/** A change of names that is not yet durable. */
type NameChange =
  | { readonly kind: 'link'; readonly path: string; readonly file: SimulatedFile }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string };

/** What a process asks of the disk, as faults and delays see it. */
export type DiskOperation =
  | 'createDirectory'
  | 'list'
  | 'lock'
  | 'open'
  | 'openForReading'
  | 'size'
  | 'read'
  | 'write'
  | 'fdatasync'
  | 'close'
  | 'rename'
  | 'remove'
  | 'fsyncDirectory';

/**
 * The error that takes the place of an operation, such as {@link systemError}; `undefined` lets it pass. `path` is
 * the file's name at this moment, the directory, or the new name of a rename.
 */
export type DiskFault = (operation: DiskOperation, path: string) => Error | undefined;

/**
 * A disk in memory that loses what a real one may lose. When the machine {@link crash}es: any subset of the 512-byte
 * sectors that were written and not flushed, and any tail of the changes of names that no `fsyncDirectory` followed.
 * When a flush fails: the same sectors, while the cache goes on showing them (ATC'20, "Can applications recover from
 * fsync failures?").
 *
 * Deterministic: the same seed and the same calls give the same losses. It belongs to one machine; a process that
 * runs there is given {@link forProcess}. Faults, delays and limits stay set across crashes until they are changed.
 */
export class SimulatedDisk {
  /** How often each file was flushed, by the name it had then; failed flushes count. */
  readonly fdatasyncs = new Map<string, number>();
  /** The most bytes that one write takes; the writer goes on with the rest. At 0 the disk takes nothing. */
  maxWriteBytes = Infinity;
  /** Whether there is no room: a write beyond the end of its file is refused with `ENOSPC`. */
  full = false;
  /** Asked by every operation at the moment of its effect. */
  fault: DiskFault | undefined;
  /**
   * Called by every operation before it has any effect, which then waits for the promise: a slow disk. An operation
   * whose process died while it waited has no effect any more.
   */
  beforeOperation: ((operation: DiskOperation, path: string) => Promise<void> | undefined) | undefined;
  #random: Random;
  #names = new Map<string, SimulatedFile>();
  #durableNames = new Map<string, SimulatedFile>();
  #nameChanges: NameChange[] = [];
  #locked = new Set<string>();
  /** Files that were opened before a crash are dead: their process is. */
  #era = 0;

  /** @param seed Decides what crashes lose. */
  constructor(seed = 1) {
    this.#random = seededRandom(seed);
  }

  /** The files that a process would see, by name. */
  get paths(): readonly string[] {
    return [...this.#names.keys()].toSorted();
  }

  /** The sum of {@link fdatasyncs}. */
  get flushes(): number {
    let sum = 0;
    for (const count of this.fdatasyncs.values()) sum += count;
    return sum;
  }

  /** What the file holds, to look at or to damage: it counts as durable, and changes to the result do. */
  content(path: string): Uint8Array {
    return this.#file(path).settle();
  }

  /** Puts a file there, durable at once. `content` is kept, not copied. */
  put(path: string, content: Uint8Array): void {
    const file = new SimulatedFile(content);
    this.#names.set(path, file);
    this.#durableNames.set(path, file);
  }

  /** Takes a file away, durably. */
  delete(path: string): void {
    this.#names.delete(path);
    this.#durableNames.delete(path);
  }

  /**
   * A bit flips at rest: everyone who reads it from now on sees the other value.
   *
   * @param byte Counted from 0; a `RangeError` beyond the end of the file.
   * @param bit From 0, the lowest, to 7.
   */
  flipBit(path: string, byte: number, bit: number): void {
    if (!this.#file(path).flipBit(byte, bit)) throw new RangeError(`${path} has no byte ${byte}`);
  }

  /** Where in the file the latest write began, by whatever process; 0 when there was none. */
  latestWrite(path: string): number {
    return this.#file(path).latestWrite;
  }

  /** Copies of all files by name, as a process sees them; for comparing. */
  snapshot(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#names].map(([path, file]) => [path, file.content.slice()]));
  }

  /** The process dies, the machine stays: what was written is in the cache, and locks are free. */
  kill(): void {
    this.#era++;
    this.#locked.clear();
  }

  /** What a failed flush does on Linux, to every file: the cache keeps the bytes, and takes them for flushed. */
  forgetUnflushed(): void {
    for (const file of this.#names.values()) file.forgetUnflushed();
  }

  /**
   * The machine loses power, and its processes with it.
   *
   * @param random Decides what is lost: asked once for every sector, which stays below 0.5, then once for how much of
   *   the changes of names stays. That of the disk by default.
   */
  crash(random = this.#random): void {
    this.kill();
    for (const file of new Set([...this.#names.values(), ...this.#durableNames.values()])) {
      file.crash(random);
    }
    const kept = Math.floor(random() * (this.#nameChanges.length + 1));
    for (const change of this.#nameChanges.slice(0, kept)) applyName(this.#durableNames, change);
    this.#nameChanges = [];
    this.#names = new Map(this.#durableNames);
  }

  /** The disk as a process that starts now sees it; dead once that was killed or the machine crashed. */
  forProcess(): Disk {
    const era = this.#era;
    return {
      createDirectory: (path) => this.#perform('createDirectory', path, era, () => undefined),
      list: (directory) => this.#perform('list', directory, era, () => this.#list(`${directory}/`)),
      open: (path, mode) =>
        this.#perform('open', path, era, () => {
          if (mode === 'create') this.#changeName({ kind: 'link', path, file: new SimulatedFile() });
          return this.#open(this.#file(path), era);
        }),
      openForReading: (path) => this.#openForReading(path, era),
      rename: (from, to) =>
        this.#perform('rename', to, era, () => {
          this.#file(from);
          this.#changeName({ kind: 'rename', from, to });
        }),
      remove: (path) =>
        this.#perform('remove', path, era, () => {
          this.#file(path);
          this.#changeName({ kind: 'remove', path });
        }),
      fsyncDirectory: (path) =>
        this.#perform('fsyncDirectory', path, era, () => {
          // A journal of names, as file systems have it: what came before goes along, wherever it was.
          for (const change of this.#nameChanges) applyName(this.#durableNames, change);
          this.#nameChanges = [];
        }),
      lock: (directory) => this.#perform('lock', directory, era, () => this.#lock(directory, era)),
    };
  }

  #list(prefix: string): readonly string[] {
    return this.paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  }

  #changeName(change: NameChange): void {
    applyName(this.#names, change);
    this.#nameChanges.push(change);
  }

  #lock(directory: string, era: number): DirectoryLock {
    if (this.#locked.has(directory)) throw new StorageError('Unavailable', `${directory} is in use`);
    this.#locked.add(directory);
    return {
      release: () => {
        if (era === this.#era) this.#locked.delete(directory);
        return Promise.resolve();
      },
    };
  }

  #open(file: SimulatedFile, era: number): DiskFile {
    const perform = <Result>(operation: DiskOperation, effect: () => Result): Promise<Result> =>
      this.#perform(operation, this.#nameOf(file), era, effect);
    return {
      size: () => perform('size', () => file.content.length),
      read: (target, position) => perform('read', () => readInto(target, file.content, position)),
      write: (bytes, position) => perform('write', () => this.#write(file, bytes, position)),
      fdatasync: () => this.#fdatasync(file, era),
      close: async () => {
        // Closing what a dead process had open harms nobody.
        if (era === this.#era) await perform('close', () => undefined);
      },
    };
  }

  /** Nothing waits here, not even for a slow disk; `read` may fail as it may elsewhere. */
  #openForReading(path: string, era: number): ReadOnlyFile {
    const perform = <Result>(operation: DiskOperation, effect: () => Result): Result => {
      this.#checkAlive(era);
      const error = this.fault?.(operation, path);
      if (error) throw error;
      return effect();
    };
    const file = perform('openForReading', () => this.#file(path));
    return {
      read: (target, position) => perform('read', () => readInto(target, file.content, position)),
      close: () => undefined,
    };
  }

  #write(file: SimulatedFile, bytes: Uint8Array, position: number): number {
    const taken = bytes.slice(0, Math.min(bytes.length, this.maxWriteBytes));
    if (this.full && position + taken.length > file.content.length) throw systemError('ENOSPC');
    file.write(taken, position);
    return taken.length;
  }

  async #fdatasync(file: SimulatedFile, era: number): Promise<void> {
    const path = this.#nameOf(file);
    await this.beforeOperation?.('fdatasync', path);
    this.#checkAlive(era);
    this.fdatasyncs.set(path, (this.fdatasyncs.get(path) ?? 0) + 1);
    const error = this.fault?.('fdatasync', path);
    if (!error) return file.flush();
    file.tear(this.#random);
    throw error;
  }

  /** The effect follows on the check at once: a crash in between must not let it through. */
  async #perform<Result>(
    operation: DiskOperation,
    path: string,
    era: number,
    effect: () => Result,
  ): Promise<Result> {
    await this.beforeOperation?.(operation, path);
    this.#checkAlive(era);
    const error = this.fault?.(operation, path);
    if (error) throw error;
    return effect();
  }

  #checkAlive(era: number): void {
    if (era !== this.#era) throw new Error('the process that asked this of the disk is dead');
  }

  /** The name that the file has now; it may have been opened under another. */
  #nameOf(file: SimulatedFile): string {
    for (const [path, other] of this.#names) if (other === file) return path;
    return 'a removed file';
  }

  #file(path: string): SimulatedFile {
    const file = this.#names.get(path);
    if (!file) throw systemError('ENOENT', path);
    return file;
  }
}

function readInto(target: Uint8Array, content: Uint8Array, position: number): number {
  const part = content.subarray(position, position + target.length);
  target.set(part);
  return part.length;
}

function applyName(names: Map<string, SimulatedFile>, change: NameChange): void {
  switch (change.kind) {
    case 'link':
      names.set(change.path, change.file);
      break;
    case 'rename': {
      const file = names.get(change.from);
      if (file) names.set(change.to, file);
      names.delete(change.from);
      break;
    }
    case 'remove':
      names.delete(change.path);
      break;
  }
}

/** An error as the operating system gives it: `code` is such as `EIO` or `ENOSPC`. */
export function systemError(code: string, path = 'simulated'): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
