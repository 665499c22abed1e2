import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { dirname, join } from 'node:path';

/** Directories in which nobody writes machines. */
const LEFT_OUT: ReadonlySet<string> = new Set(['node_modules', 'dist', 'coverage']);

export interface TreeListener {
  /** A TypeScript or JSON file was added, changed or removed. */
  changed(path: string): void;
  /** A directory cannot be watched, for instance because the system's limit is reached. */
  failed(error: unknown): void;
}

/**
 * Watches the directories of a tree one by one: Node's recursive watching would walk node_modules as well, and is
 * not the same on all systems.
 */
export class TreeWatcher {
  readonly #listener: TreeListener;
  readonly #watchers = new Map<string, FSWatcher>();
  #ignored: ReadonlySet<string> = new Set();

  constructor(listener: TreeListener) {
    this.#listener = listener;
  }

  /** Watches a directory and those within, also the ones that come later. */
  watchTree(directory: string): void {
    if (!this.#watchDirectory(directory)) return;
    for (const name of directoriesIn(directory)) this.watchTree(join(directory, name));
  }

  /** Watches files wherever they are. */
  watchFiles(paths: readonly string[]): void {
    for (const path of paths) this.#watchDirectory(dirname(path));
  }

  /** Says nothing of changes to these files: they are our own. */
  ignore(paths: readonly string[]): void {
    this.#ignored = new Set(paths);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Whether it was not watched before. */
  #watchDirectory(directory: string): boolean {
    if (this.#watchers.has(directory)) return false;
    try {
      const watcher = watch(directory, (event, name) => this.#changed(directory, event, name));
      watcher.on('error', (error) => this.#forget(directory, error));
      this.#watchers.set(directory, watcher);
      return true;
    } catch (error) {
      this.#forget(directory, error);
      return false;
    }
  }

  #changed(directory: string, event: string, name: string | null): void {
    if (name === null) return this.#listener.changed(directory);
    const path = join(directory, name);
    if (this.#ignored.has(path)) return;
    if (/\.([cm]?tsx?|json)$/.test(name)) return this.#listener.changed(path);
    if (event === 'rename' && directoriesIn(directory).includes(name)) {
      this.watchTree(path);
      // Files may have been there before the watcher was.
      this.#listener.changed(path);
    } else if (this.#watchers.has(path)) {
      this.#forget(path);
      this.#listener.changed(path);
    }
  }

  /** A directory that is gone is no failure. */
  #forget(directory: string, error?: unknown): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
    const isGone =
      error === undefined || ['ENOENT', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!isGone) this.#listener.failed(error);
  }
}

function directoriesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !LEFT_OUT.has(entry.name))
      .map((entry) => entry.name);
  } catch {
    // Gone in the meantime.
    return [];
  }
}
