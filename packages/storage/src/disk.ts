/** One open file. Positions are absolute; nothing is durable before `fdatasync` resolves. */
export interface DiskFile {
  /** Writes all of `bytes`, however many calls it takes. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** All that was written before the call is durable when it resolves. Runs off the event loop; never retried. */
  fdatasync(): Promise<void>;
  close(): Promise<void>;
}

/** Files and directories as the log needs them: a port, so that tests can break them. */
export interface Disk {
  /** Makes a directory and those above it; does nothing where it is there already. */
  makeDirectory(path: string): Promise<void>;
  /** Names in a directory, in no order. */
  list(path: string): Promise<readonly string[]>;
  /** The whole file; `undefined` where there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Opens for writing; makes the file where there is none and `create` is said, else fails. */
  open(path: string, mode: 'create' | 'existing'): Promise<DiskFile>;
  /** Puts one file in the place of another, atomically. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Names in the directory are durable when it resolves. */
  syncDirectory(path: string): Promise<void>;
  /** Makes a file with this content; fails with `EEXIST` where there is one. Atomic. */
  claim(path: string, content: string): Promise<void>;
}
