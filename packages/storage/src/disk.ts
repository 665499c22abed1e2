/**
 * The file system as this package needs it, as a port, so that tests can lose, delay and damage what a real disk
 * would lose. Failures reject with the operating system's error as Node gives it (`code: 'ENOSPC'`).
 */
export interface Disk {
  /** Creates the directory and its parents where missing, and makes their names durable. */
  createDirectory(path: string): Promise<void>;
  /** The names of what is in the directory, in no order. */
  list(directory: string): Promise<readonly string[]>;
  /** Opens for reading and writing. `create` makes the file, or empties the one that is there. */
  open(path: string, mode: 'create' | 'existing'): Promise<DiskFile>;
  /** Opens a file that is there; at once, and throws what the others reject with. For what cannot wait: keep it short. */
  openForReading(path: string): ReadOnlyFile;
  /** Replaces what has the name `to`. Durable only after {@link fsyncDirectory}. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes the names in the directory durable. */
  fsyncDirectory(path: string): Promise<void>;
  /**
   * Keeps every other process, and every other user in this one, out of the directory. Ends with `release` or with
   * the process, however that ends. Rejects with a StorageError `Unavailable` that names the holder.
   */
  lock(directory: string): Promise<DirectoryLock>;
}

/** An open file. Calls may overlap; what overlapping writes to one place leave there is undefined. */
export interface DiskFile {
  size(): Promise<number>;
  /** Fills `target` from `position` on; resolves with the count of bytes, fewer than asked at any time, 0 at the end. */
  read(target: Uint8Array, position: number): Promise<number>;
  /** Resolves with the count of bytes that were taken, which may be fewer than given. */
  write(bytes: Uint8Array, position: number): Promise<number>;
  /** Makes written bytes, and the size that is needed to read them, durable. Must not block the event loop. */
  fdatasync(): Promise<void>;
  /**
   * As {@link write}; what was taken is durable when it resolves, as after {@link fdatasync}. It says nothing of what was
   * written before. Absent where the system has no such call; what rejects is as final as a flush that failed.
   */
  writeDurably?(bytes: Uint8Array, position: number): Promise<number>;
  close(): Promise<void>;
}

/** A file whose calls block the process until they are done. */
export interface ReadOnlyFile {
  /** Fills `target` from `position` on; gives the count of bytes, fewer than asked at any time, 0 at the end. */
  read(target: Uint8Array, position: number): number;
  close(): void;
}

export interface DirectoryLock {
  release(): Promise<void>;
}
