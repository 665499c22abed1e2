import { type Logger, messageOf } from '@decoraft/base';
import type {
  AppendBatch,
  Entry,
  HardState,
  IncomingSnapshot,
  Index,
  SnapshotDescription,
  SnapshotMetadata,
  StoredSnapshot,
  Term,
} from '@decoraft/raft';
import { CommitBatch } from './commit-batch.js';
import { CommitQueue } from './commit-queue.js';
import { isDiskFull } from './disk-room.js';
import type { DirectoryLock } from './disk.js';
import { changeOf, isCommitOnly, type LogBeginning, type LogChange } from './log-change.js';
import type { LogView } from './log-view.js';
import { encodedChangeBytes } from './record-body.js';
import type { SegmentWriter } from './segment-writer.js';
import type { SnapshotFiles } from './snapshot-files.js';
import { within } from './snapshot-incoming.js';
import { ChunksFailed } from './snapshot-writing.js';
import { isCorrupted, StorageError } from './storage-error.js';
import type { LogStatistics, MeasuredLogStore } from './storage.js';

export interface DurableLogParts {
  readonly directory: string;
  readonly diskId: number;
  readonly view: LogView;
  readonly segments: SegmentWriter;
  readonly snapshots: SnapshotFiles;
  readonly lock: DirectoryLock;
  readonly logger: Logger;
  /** How much memory the newest entries may take. */
  readonly cacheBytes: number;
}

const MAX_BATCH_BYTES = 1 << 30;
const TOO_LARGE = `a batch is larger than the limit of ${MAX_BATCH_BYTES} bytes`;

/**
 * The durable log: a view in memory that shows appends at once, and a queue that one flush after the other makes
 * durable. While a flush is under way the queue grows; the next flush takes all of it (group commit).
 */
export class DurableLog implements MeasuredLogStore {
  readonly #parts: DurableLogParts;
  readonly #queue = new CommitQueue();
  /** Beginning, last index and hard state of what was handed to the segments so far. */
  #writtenBeginning: LogBeginning;
  #writtenIndex: number;
  #writtenState: HardState;
  /** Whether the hard state above is still owed to the disk: it differs in its commit index alone. */
  #owesCommit = false;
  #flushing: Promise<void> | undefined;
  /** Never rejects; resolves when all snapshots are saved that were to be. */
  #saving: Promise<void> = Promise.resolve();
  #closing: Promise<void> | undefined;
  #failure: StorageError | undefined;
  #fdatasyncs = 0;
  #appendedEntries = 0;
  #appendedBytes = 0;

  constructor(parts: DurableLogParts) {
    this.#parts = parts;
    this.#writtenBeginning = parts.view.beginning();
    this.#writtenIndex = parts.view.lastIndex();
    this.#writtenState = parts.view.hardState();
  }

  get diskId(): number {
    return this.#parts.diskId;
  }

  firstIndex(): Index {
    return this.#parts.view.firstIndex();
  }

  lastIndex(): Index {
    return this.#parts.view.lastIndex();
  }

  term(index: Index): Term | undefined {
    return this.#parts.view.term(index);
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] {
    try {
      return this.#parts.view.entries(from, to, maxBytes);
    } catch (error) {
      throw error instanceof RangeError ? error : this.#poison(error, 'reading');
    }
  }

  hardState(): HardState {
    return this.#parts.view.hardState();
  }

  snapshot(): SnapshotMetadata | undefined {
    return this.#parts.view.snapshot();
  }

  statistics(): LogStatistics {
    return {
      fdatasyncs: this.#fdatasyncs,
      appendedEntries: this.#appendedEntries,
      appendedBytes: this.#appendedBytes,
      cachedBytes: this.#parts.view.cachedBytes,
    };
  }

  append(batch: AppendBatch): Promise<void> {
    const { view } = this.#parts;
    const change = changeOf(batch, view);
    const bytes = encodedChangeBytes(change);
    const isTooLarge = bytes > MAX_BATCH_BYTES;
    const refusal = this.#refusal(
      isTooLarge ? TOO_LARGE : (view.problemWith(batch) ?? this.#parts.snapshots.problemWithInstalled(batch)),
    );
    if (refusal) return Promise.reject(refusal);
    const isHint = isCommitOnly(change, this.hardState());
    view.apply(change);
    if (batch.snapshot) view.showSnapshot(batch.snapshot);
    return this.#enqueue(change, bytes, isHint, batch.snapshot);
  }

  async saveSnapshot(metadata: SnapshotMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { view } = this.#parts;
    const refusal = this.#refusal(view.problemWithSnapshot(metadata));
    if (refusal) throw refusal;
    const saved = this.#save(metadata, chunks);
    // Without the results, which would hold those of all calls before.
    this.#saving = Promise.allSettled([this.#saving, saved]).then(() => undefined);
    return saved;
  }

  async receiveSnapshot(snapshot: SnapshotDescription): Promise<IncomingSnapshot> {
    const incoming = await this.#receiving(() => this.#parts.snapshots.receive(snapshot));
    return within(incoming, (work) => this.#receiving(work));
  }

  async readSnapshot(): Promise<StoredSnapshot | undefined> {
    const refusal = this.#refusal();
    if (refusal) throw refusal;
    const { directory, snapshots, view } = this.#parts;
    const shown = view.snapshot();
    // What is shown may be on its way to the disk still.
    await this.#queue.snapshotsDurable?.promise;
    try {
      const snapshot = await snapshots.read(view.beginning().index);
      // The newest was found damaged just now: from here on it is another one.
      if (view.snapshot() === shown && snapshot?.index !== shown?.index) view.showSnapshot(snapshot);
      return snapshot;
    } catch (error) {
      throw StorageError.from(error, `the snapshot in ${directory} could not be read`);
    }
  }

  compact(through: Index): Promise<void> {
    const { view } = this.#parts;
    const refusal = this.#refusal(view.problemWithCompaction(through));
    if (refusal) return Promise.reject(refusal);
    const change = view.compactionTo(through);
    if (!change) return Promise.resolve();
    view.apply(change);
    const bytes = encodedChangeBytes(change);
    return this.#enqueue(change, bytes, false);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Why nothing can be asked of this log any more, or what is asked is wrong. */
  #refusal(problem?: string): StorageError | undefined {
    if (this.#failure) return this.#failure;
    if (this.#closing) {
      return new StorageError('Unavailable', `the log in ${this.#parts.directory} is closed`);
    }
    return problem === undefined ? undefined : new StorageError('InvalidArgument', problem);
  }

  #enqueue(change: LogChange, bytes: number, isHint: boolean, snapshot?: SnapshotMetadata): Promise<void> {
    const durable = this.#queue.add(change, bytes, isHint, snapshot);
    this.#flushing ??= this.#flush();
    return durable;
  }

  async #save(metadata: SnapshotMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const { snapshots, view } = this.#parts;
    // After a crash a snapshot counts only where the log has its index and term.
    await this.#queue.allDurable?.promise;
    if (this.#failure) throw this.#failure;
    try {
      await snapshots.save(metadata, chunks);
    } catch (error) {
      if (error instanceof ChunksFailed) throw error.cause;
      throw isDiskFull(error) ? error : this.#poison(error);
    }
    if (view.isNewer(metadata)) view.showSnapshot(metadata);
  }

  /** What the disk cannot do is final here as elsewhere. */
  async #receiving<Result>(work: () => Promise<Result>): Promise<Result> {
    const refusal = this.#refusal(undefined);
    if (refusal) throw refusal;
    try {
      return await work();
    } catch (error) {
      throw error instanceof StorageError ? error : this.#poison(error);
    }
  }

  async #flush(): Promise<void> {
    // Whoever appends in the same turn as the first shares its flush.
    await Promise.resolve();
    try {
      for (let batch = this.#queue.begin(); batch; batch = this.#queue.begin()) await this.#flushBatch(batch);
      this.#evict();
    } catch (error) {
      this.#poison(error);
    } finally {
      this.#flushing = undefined;
    }
  }

  /** Makes a batch durable, and tells those who wait for it. */
  async #flushBatch(batch: CommitBatch): Promise<void> {
    if (batch.needsRecord) await this.#writeBatch(batch);
    else this.#skipHints(batch);
    this.#queue.finish();
    // Only removes what is not needed any more: nobody has to wait.
    if (batch.snapshot) void this.#parts.snapshots.adopt(batch.snapshot);
  }

  /** What is durable and will not be replaced by what waits can be read back: it needs no memory beyond the limit. */
  #evict(): void {
    const { cacheBytes, view } = this.#parts;
    if (view.cachedBytes <= cacheBytes) return;
    view.evict(cacheBytes, Math.min(view.lastIndex(), this.#queue.lowestIndex - 1));
  }

  /** Leaves a commit index to the next record: a flush of its own would cost more than the hint is worth. */
  #skipHints({ hardState }: CommitBatch): void {
    if (!hardState) return;
    this.#writtenState = hardState;
    this.#owesCommit = true;
  }

  /** Writes a batch as one record, or as two or more where the first segment has no room for all of it. */
  async #writeBatch(batch: CommitBatch): Promise<void> {
    const { segments } = this.#parts;
    const opening = this.#opening();
    const openingBytes = encodedChangeBytes(opening);
    const leastBytes = batch.firstBytes + openingBytes;
    const mustRollOver = segments.room() < leastBytes;
    if (mustRollOver) await segments.rollOver(leastBytes, this.#writtenIndex + 1);
    const isOpened = mustRollOver || this.#owesCommit;
    const [front, rest] = batch.split(segments.room() - (isOpened ? openingBytes : 0));
    const written = segments.write(front, isOpened ? opening : undefined);
    // While the disk works, this costs nobody any time.
    this.#queue.prepareNext();
    this.#evict();
    await written;
    this.#noteWritten(front);
    if (rest) await this.#writeBatch(rest);
  }

  /** What every segment begins with, so that those before it may go: where the log begins, and the hard state. */
  #opening(): LogChange {
    const hardState = this.#writtenState;
    if (this.#writtenBeginning.index === 0) return { entries: [], hardState };
    return { beginning: { ...this.#writtenBeginning, keepsEntries: true }, entries: [], hardState };
  }

  #noteWritten({ dataBytes, effect, entryCount, hardState }: CommitBatch): void {
    this.#fdatasyncs++;
    this.#appendedEntries += entryCount;
    this.#appendedBytes += dataBytes;
    this.#owesCommit = false;
    if (hardState) this.#writtenState = hardState;
    for (const { beginning, entries } of effect) {
      if (beginning) this.#writtenBeginning = beginning;
      if (beginning?.keepsEntries === false) this.#writtenIndex = beginning.index;
      this.#writtenIndex = entries.at(-1)?.index ?? this.#writtenIndex;
    }
  }

  /**
   * After a failure nobody can tell what is on the disk: nothing is written any more, and no flush retried. Damage that
   * was found while reading is told as such.
   */
  #poison(error: unknown, doing: 'reading' | 'writing' = 'writing'): StorageError {
    if (this.#failure) return this.#failure;
    const { directory, logger } = this.#parts;
    const message =
      `${doing} the log in ${directory} failed: ${messageOf(error)}; ` +
      `this process must end, opening the directory again recovers what was acknowledged`;
    const failure = isCorrupted(error) ? error : new StorageError('DiskFailed', message, { cause: error });
    logger.log('error', failure.message, { directory });
    this.#failure = failure;
    this.#queue.fail(failure);
    return failure;
  }

  async #close(): Promise<void> {
    const { lock, segments, snapshots } = this.#parts;
    segments.stopWaiting();
    await this.#flushing;
    await this.#saving;
    await snapshots.close();
    if (this.#owesCommit && !this.#failure) await this.#writeOwedCommit();
    try {
      await segments.close();
    } finally {
      await lock.release();
    }
  }

  async #writeOwedCommit(): Promise<void> {
    try {
      await this.#writeBatch(new CommitBatch());
    } catch (error) {
      this.#poison(error);
    }
  }
}
