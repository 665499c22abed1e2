import { CodedError, type Logger, messageOf } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import type { Index, LogStore } from '@decoraft/raft';
import { AppliedBytes } from './applied-bytes.js';
import type { GiveWay, GroupView } from './group-view.js';
import { idsOf } from './members.js';
import type { HostSettings } from './ports.js';

/** Failures after which log and state are as they were. */
const PASSING: ReadonlySet<string> = new Set(['InvalidArgument', 'Internal', 'DiskFull', 'Cancelled']);
/** So many places are remembered within `snapshotBytes`. */
const MARKS = 64;
/** Entries that a follower needs behind the snapshot that it is being sent stay until so many snapshots were due. */
const PATIENCE = 4;

export interface SnapshotsOptions {
  readonly log: LogStore;
  readonly settings: HostSettings;
  readonly logger: Logger;
  readonly giveWay: GiveWay;
  readonly applied: () => number;
  /** All that was applied, as it is now; `undefined` before the first entry. */
  readonly view: () => GroupView | undefined;
  /** Has the group compare its states first, where this node can: the view that was compared, or `undefined`. */
  readonly checked: () => Promise<GroupView | undefined>;
  /** The index of the oldest snapshot that is being sent to somebody. */
  readonly oldestSent: () => number | undefined;
  /** The disk failed. */
  readonly onFatal: (error: unknown) => void;
}

/**
 * Takes snapshots of what was applied, while more is applied, and lets go of the entries that they cover (§7). A tail of
 * entries stays, so that a follower that is only a little behind does not need the whole state.
 */
export class Snapshots {
  readonly #options: SnapshotsOptions;
  readonly #bytes: AppliedBytes;
  #taking: Promise<number> | undefined;
  /** Raised to stop what is under way. */
  #cancelled = 0;
  #members: readonly string[] = [];
  /** A snapshot that could not be made is not tried again before this much was applied. */
  #notBefore = 0;
  /** See {@link mustCover}. */
  #mustCover = 0;

  constructor(options: SnapshotsOptions) {
    this.#options = options;
    this.#bytes = new AppliedBytes(Math.ceil(options.settings.snapshotBytes / MARKS));
  }

  /** Who belongs to the group now. A server installs no snapshot that does not know it, so there has to be one. */
  setMembers(members: readonly string[]): void {
    this.#members = members;
  }

  /** No start from now on is to begin before this entry. */
  mustCover(index: number): void {
    this.#mustCover = index;
  }

  /** To be called after entries were applied, of so many bytes: takes a snapshot where one is due. */
  applied(bytes: number): void {
    this.#bytes.applied(this.#options.applied(), bytes);
    this.#maybeTake();
  }

  /**
   * Takes one now; one that is under way is waited for instead. Resolves with its index when it is durable and the
   * log begins behind the tail that is kept; 0 when nothing was applied yet. Rejects with `DiskFailed`, `DiskFull`, with
   * `InvalidArgument` or `Internal` when the state cannot be kept, and with `Cancelled`.
   */
  take(): Promise<number> {
    this.#taking ??= this.#take().finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  /** Gives up the one that is under way; resolves when nobody reads the state for it any more. */
  async cancel(): Promise<void> {
    this.#cancelled += 1;
    await this.#taking?.catch(() => undefined);
  }

  #maybeTake(): void {
    if (this.#taking || !this.#isDue) return;
    const cancelled = this.#cancelled;
    // Meanwhile another may have become due.
    this.take().then(
      () => cancelled === this.#cancelled && this.#maybeTake(),
      (error: unknown) => this.#failed(error),
    );
  }

  get #isDue(): boolean {
    const { applied, log, settings } = this.#options;
    const newest = log.snapshot();
    const index = newest?.index ?? 0;
    if (applied() < this.#notBefore || applied() <= index) return false;
    if (index < this.#mustCover || applied() - index >= settings.snapshotEntries) return true;
    if (this.#bytes.since(index) >= settings.snapshotBytes) return true;
    const known = newest && idsOf(newest.configuration);
    return known !== undefined && this.#members.some((id) => !known.includes(id));
  }

  /**
   * A machine that holds what is no data, or a disk without room for another snapshot, ends no node: the log is as it
   * was, and goes on growing until there is one.
   */
  #failed(error: unknown): void {
    const { applied, logger, onFatal, settings } = this.#options;
    if (!(error instanceof CodedError && PASSING.has(error.code))) return onFatal(error);
    if (error.code === 'Cancelled') return;
    this.#notBefore = applied() + settings.snapshotEntries;
    logger.log('error', 'no snapshot could be taken: the log goes on growing', { reason: messageOf(error) });
  }

  async #take(): Promise<number> {
    const { checked, log, view: viewNow } = this.#options;
    const cancelled = this.#cancelled;
    const view = (await checked()) ?? (cancelled === this.#cancelled ? viewNow() : undefined);
    if (!view) return 0;
    const { metadata } = view;
    try {
      if (metadata.index > (log.snapshot()?.index ?? 0)) {
        await log.saveSnapshot(metadata, this.#chunks(view, cancelled));
      }
    } finally {
      view.close();
    }
    await this.#compact();
    return metadata.index;
  }

  async *#chunks(view: GroupView, cancelled: number): AsyncGenerator<Uint8Array> {
    for await (const chunk of view.chunks(this.#options.giveWay)) {
      if (cancelled !== this.#cancelled) {
        throw new DecoraftError('Cancelled', 'the snapshot was given up: the state is replaced');
      }
      yield chunk;
    }
  }

  async #compact(): Promise<void> {
    const { log } = this.#options;
    const newest = log.snapshot()?.index ?? 0;
    this.#bytes.forget(newest - this.#options.settings.snapshotTailEntries);
    const through = this.#compactThrough(newest);
    if (through >= log.firstIndex()) await log.compact(through as Index);
  }

  /** Half of what makes a snapshot due may stay behind it, so that the log shrinks. */
  #compactThrough(newest: number): number {
    const { oldestSent, settings } = this.#options;
    const { snapshotBytes, snapshotEntries, snapshotTailEntries } = settings;
    const byBytes = this.#bytes.reachingBack(newest, snapshotBytes / 2);
    const through = Math.max(newest - snapshotTailEntries, byBytes);
    const patience = newest - PATIENCE * snapshotEntries;
    return Math.min(through, Math.max(oldestSent() ?? Infinity, patience));
  }
}
