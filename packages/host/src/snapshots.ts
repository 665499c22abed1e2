import { CodedError, type Logger, messageOf } from '@decoraft/base';
import type { Index, LogStore, Snapshot } from '@decoraft/raft';
import { idsOf } from './members.js';
import type { HostSettings } from './ports.js';

/** Failures after which log and state are as they were. */
const PASSING: ReadonlySet<string> = new Set(['InvalidArgument', 'DiskFull']);

export interface SnapshotsOptions {
  readonly log: LogStore;
  readonly settings: HostSettings;
  readonly logger: Logger;
  readonly applied: () => number;
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
  #members: readonly string[] = [];
  /** A snapshot that could not be made is not tried again before this much was applied. */
  #notBefore = 0;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
  }

  /** Who belongs to the group now. A server installs no snapshot that does not know it, so there has to be one. */
  setMembers(members: readonly string[]): void {
    this.#members = members;
  }

  /** To be called after entries were applied: takes a snapshot where one is due. */
  maybeTake(): void {
    if (this.#taking || !this.#isDue) return;
    // Meanwhile another may have become due.
    this.take().then(
      () => this.maybeTake(),
      (error: unknown) => this.#failed(error),
    );
  }

  /**
   * Takes one now; one that is under way is waited for instead. Resolves with its index when it is durable and the
   * log begins behind the tail that is kept; 0 when nothing was applied yet. Rejects with `DiskFailed`.
   */
  take(): Promise<number> {
    this.#taking ??= this.#take().finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  get #isDue(): boolean {
    const { applied, log, settings } = this.#options;
    const newest = log.snapshot();
    if (applied() < this.#notBefore) return false;
    if (applied() - (newest?.index ?? 0) >= settings.snapshotEntries) return true;
    if (!newest || newest.index >= applied()) return false;
    const known = idsOf(newest.configuration);
    return this.#members.some((id) => !known.includes(id));
  }

  /**
   * A machine that holds what is no data, or a disk without room for another snapshot, ends no node: the log is as it
   * was, and goes on growing until there is one.
   */
  #failed(error: unknown): void {
    const { applied, logger, onFatal, settings } = this.#options;
    if (!(error instanceof CodedError && PASSING.has(error.code))) return onFatal(error);
    this.#notBefore = applied() + settings.snapshotEntries;
    logger.log('error', 'no snapshot could be taken: the log goes on growing', { reason: messageOf(error) });
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
