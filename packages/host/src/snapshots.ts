import type { Index, LogStore, Snapshot } from '@decoraft/raft';
import type { HostSettings } from './ports.js';

export interface SnapshotsOptions {
  readonly log: LogStore;
  readonly settings: HostSettings;
  /** All that was applied, as it is now; `undefined` before the first entry. */
  readonly image: () => Snapshot | undefined;
  /** The disk failed. */
  readonly onFatal: (error: unknown) => void;
}

/**
 * Takes snapshots of what was applied and lets go of the entries that they cover (§7). A tail of entries stays, so
 * that a follower that is only a little behind does not need the whole state.
 */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  #taking: Promise<number> | undefined;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** To be called after entries were applied: takes a snapshot when enough of them came since the last one. */
  maybeTake(applied: Index): void {
    const { log, onFatal, settings } = this.#options;
    if (this.#taking || applied - (log.snapshot()?.index ?? 0) < settings.snapshotEntries) return;
    this.take().catch(onFatal);
  }

  /**
   * Takes one now; one that is under way is waited for instead. Resolves with its index when it is durable and the
   * log begins behind the tail that is kept; 0 when nothing was applied yet. Rejects with `DiskFailed`.
   */
  take(): Promise<number> {
    this.#taking ??= this.#take().finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  async #take(): Promise<number> {
    const { image, log, settings } = this.#options;
    const snapshot = image();
    if (!snapshot) return 0;
    if (snapshot.index > (log.snapshot()?.index ?? 0)) await log.saveSnapshot(snapshot);
    const through = (log.snapshot()?.index ?? 0) - settings.snapshotTailEntries;
    if (through >= log.firstIndex()) await log.compact(through as Index);
    return snapshot.index;
  }
}
