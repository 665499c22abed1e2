import { type Random, seededRandom } from '@decoraft/base';
import type { DirectoryLock, Disk, DiskFile } from '../../src/disk.js';
import { StorageError } from '../../src/storage-error.js';

const SECTOR_BYTES = 512;

/** A file as the system shows it, and as the platters have it. */
interface Inode {
  cached: Uint8Array;
  durable: Uint8Array;
  /** What was written since the last flush, oldest first. */
  unflushed: { readonly position: number; readonly bytes: Uint8Array }[];
}

/** A change of names that is not yet durable. */
type NameChange =
  | { readonly kind: 'link'; readonly path: string; readonly inode: Inode }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string };

/** What to do in place of an operation; nothing lets it pass. */
export type Fault = (operation: Operation, path: string) => Error | undefined;

export type Operation = 'open' | 'write' | 'fdatasync' | 'rename' | 'fsyncDirectory';

/**
 * A disk in memory that forgets what was not flushed when it crashes: any subset of the sectors that were being
 * written, and any tail of the changes of names.
 */
export class SimulatedDisk {
  readonly fdatasyncs = new Map<string, number>();
  /** The most bytes that one write takes. */
  maxWriteBytes = Infinity;
  fault: Fault | undefined;
  /** Waited for by every flush, before it takes effect. */
  beforeFlush: ((path: string) => Promise<void>) | undefined;
  #random: Random;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #nameChanges: NameChange[] = [];
  #locked = new Set<string>();
  /** Files opened before a crash are dead: their process is. */
  #era = 0;

  constructor(seed = 1) {
    this.#random = seededRandom(seed);
  }

  get paths(): readonly string[] {
    return [...this.#names.keys()].toSorted();
  }

  get flushes(): number {
    let sum = 0;
    for (const count of this.fdatasyncs.values()) sum += count;
    return sum;
  }

  /** What the file holds, to look at or to damage; changes count as durable. */
  content(path: string): Uint8Array {
    const inode = this.#inode(path);
    inode.durable = inode.cached;
    inode.unflushed = [];
    return inode.cached;
  }

  put(path: string, content: Uint8Array): void {
    const inode: Inode = { cached: content, durable: content, unflushed: [] };
    this.#names.set(path, inode);
    this.#durableNames.set(path, inode);
  }

  delete(path: string): void {
    this.#names.delete(path);
    this.#durableNames.delete(path);
  }

  /** All that the disk holds, for comparing. */
  snapshot(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#names].map(([path, inode]) => [path, inode.cached.slice()]));
  }

  /** The process dies, the machine stays: what was written is in the cache. */
  kill(): void {
    this.#era++;
    this.#locked.clear();
    this.fault = undefined;
    this.beforeFlush = undefined;
  }

  /** What a failed flush does on Linux: the cache keeps the bytes, and believes that they are on the disk. */
  forgetUnflushed(): void {
    for (const inode of this.#names.values()) inode.unflushed = [];
  }

  /** The machine loses power. */
  crash(): void {
    this.kill();
    for (const inode of new Set([...this.#names.values(), ...this.#durableNames.values()])) this.#lose(inode);
    const kept = Math.floor(this.#random() * (this.#nameChanges.length + 1));
    for (const change of this.#nameChanges.slice(0, kept)) applyName(this.#durableNames, change);
    this.#nameChanges = [];
    this.#names = new Map(this.#durableNames);
  }

  /** The disk as a process that starts now sees it; dead once the process was killed or the machine crashed. */
  forProcess(): Disk {
    const era = this.#era;
    return {
      createDirectory: () => Promise.resolve(),
      list: (directory) => Promise.resolve(this.#list(`${directory}/`)),
      open: async (path, mode) => {
        await Promise.resolve();
        this.#check('open', path, era);
        if (mode === 'create') this.#create(path);
        return this.#fileOf(this.#inode(path), era);
      },
      rename: async (from, to) => {
        await Promise.resolve();
        this.#check('rename', to, era);
        this.#changeName({ kind: 'rename', from, to });
      },
      remove: async (path) => {
        await Promise.resolve();
        this.#check('rename', path, era);
        this.#changeName({ kind: 'remove', path });
      },
      fsyncDirectory: async (path) => {
        await Promise.resolve();
        this.#check('fsyncDirectory', path, era);
        for (const change of this.#nameChanges) applyName(this.#durableNames, change);
        this.#nameChanges = [];
      },
      lock: (directory) => this.#lock(directory, era),
    };
  }

  #list(prefix: string): readonly string[] {
    return this.paths.filter((path) => path.startsWith(prefix)).map((path) => path.slice(prefix.length));
  }

  #create(path: string): void {
    const inode: Inode = { cached: new Uint8Array(), durable: new Uint8Array(), unflushed: [] };
    this.#changeName({ kind: 'link', path, inode });
  }

  #changeName(change: NameChange): void {
    applyName(this.#names, change);
    this.#nameChanges.push(change);
  }

  async #lock(directory: string, era: number): Promise<DirectoryLock> {
    await Promise.resolve();
    if (this.#locked.has(directory)) throw new StorageError('Unavailable', `${directory} is in use`);
    this.#locked.add(directory);
    return {
      release: () => {
        if (era === this.#era) this.#locked.delete(directory);
        return Promise.resolve();
      },
    };
  }

  #fileOf(inode: Inode, era: number): DiskFile {
    return {
      size: () => Promise.resolve(inode.cached.length),
      read: (target, position) => {
        const part = inode.cached.subarray(position, position + target.length);
        target.set(part);
        return Promise.resolve(part.length);
      },
      write: async (bytes, position) => {
        await Promise.resolve();
        this.#check('write', this.#nameOf(inode), era);
        const taken = bytes.slice(0, Math.min(bytes.length, this.maxWriteBytes));
        // Until now what is on the platters may have been the same array: see `content` and `put`.
        if (inode.cached === inode.durable) inode.durable = inode.durable.slice();
        inode.cached = overwrite(inode.cached, taken, position);
        inode.unflushed.push({ position, bytes: taken });
        return taken.length;
      },
      fdatasync: async () => {
        const path = this.#nameOf(inode);
        await this.beforeFlush?.(path);
        this.fdatasyncs.set(path, (this.fdatasyncs.get(path) ?? 0) + 1);
        await Promise.resolve();
        this.#check('fdatasync', path, era);
        // Only what the system knows to be dirty is flushed.
        for (const write of inode.unflushed) {
          inode.durable = overwrite(inode.durable, write.bytes, write.position);
        }
        inode.unflushed = [];
      },
      close: () => Promise.resolve(),
    };
  }

  /** Called at the moment of the effect: a crash in between must not let it through. */
  #check(operation: Operation, path: string, era: number): void {
    if (era !== this.#era) throw new Error('the process that opened this file is dead');
    const error = this.fault?.(operation, path);
    if (error) throw error;
  }

  #lose(inode: Inode): void {
    for (const { bytes, position } of inode.unflushed) {
      for (let at = 0; at < bytes.length;) {
        const sectorEnd = (Math.floor((position + at) / SECTOR_BYTES) + 1) * SECTOR_BYTES - position;
        const part = bytes.subarray(at, sectorEnd);
        if (this.#random() < 0.5) inode.durable = overwrite(inode.durable, part, position + at);
        at = sectorEnd;
      }
    }
    inode.unflushed = [];
    inode.cached = inode.durable.slice();
  }

  /** The name that the file has now; it may have been opened under another. */
  #nameOf(inode: Inode): string {
    for (const [path, other] of this.#names) if (other === inode) return path;
    return 'a removed file';
  }

  #inode(path: string): Inode {
    const inode = this.#names.get(path);
    if (!inode) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return inode;
  }
}

function overwrite(content: Uint8Array, bytes: Uint8Array, position: number): Uint8Array {
  if (position + bytes.length <= content.length) {
    content.set(bytes, position);
    return content;
  }
  const grown = new Uint8Array(position + bytes.length);
  grown.set(content);
  grown.set(bytes, position);
  return grown;
}

function applyName(names: Map<string, Inode>, change: NameChange): void {
  switch (change.kind) {
    case 'link':
      names.set(change.path, change.inode);
      break;
    case 'rename': {
      const inode = names.get(change.from);
      if (inode) names.set(change.to, inode);
      names.delete(change.from);
      break;
    }
    case 'remove':
      names.delete(change.path);
      break;
  }
}

/** An error of the operating system. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}
