import { createDeferred, type Deferred } from '@decoraft/base';
import type { Entry, HardState, SnapshotMetadata } from '@decoraft/raft';
import type { LogChange } from './log-change.js';
import { encodeChange, encodedChangeBytes } from './record-body.js';
import { RecordBuffer } from './record-buffer.js';

/** A batch takes no further change beyond this; a single one may be larger. It is read back as a whole. */
const MAX_SHARED_BYTES = 1 << 20;

/**
 * Changes that one flush makes durable, as one record. They are encoded when their turn is near, and from then on as they
 * come: that is done while the flush before is under way.
 */
export class CommitBatch {
  /** One for all whose changes are here: a promise for each would cost too much. */
  readonly durable: Deferred<void>;
  readonly #changes: LogChange[] = [];
  #bytes = 0;
  #record: RecordBuffer | undefined;
  #snapshot: SnapshotMetadata | undefined;
  #hardState: HardState | undefined;
  #needsRecord = false;
  #lowestIndex = Infinity;
  #entryCount = 0;
  #dataBytes = 0;
  /** Whether the changes are nothing but entries, one behind the other, of one term: from the first to the last. */
  #isRun = true;
  #first: Entry | undefined;
  #last: Entry | undefined;

  constructor(durable = createDeferred<void>()) {
    this.durable = durable;
  }

  /** Their size within a record. */
  get bytes(): number {
    return this.#bytes;
  }

  /** That of the first change: a segment must have room for it at least. */
  get firstBytes(): number {
    const [first] = this.#changes;
    return first ? encodedChangeBytes(first) : 0;
  }

  /** Of the first change. The others have none, so that there is one at most to be adopted. */
  get snapshot(): SnapshotMetadata | undefined {
    return this.#snapshot;
  }

  /** The last one of the changes; `undefined` when they have none. */
  get hardState(): HardState | undefined {
    return this.#hardState;
  }

  /** Whether any of it is worth a flush. */
  get needsRecord(): boolean {
    return this.#needsRecord;
  }

  /** Of all entries; infinite when there are none. */
  get lowestIndex(): number {
    return this.#lowestIndex;
  }

  get entryCount(): number {
    return this.#entryCount;
  }

  /** The data of all entries. */
  get dataBytes(): number {
    return this.#dataBytes;
  }

  get isEncoded(): boolean {
    return this.#record !== undefined;
  }

  /**
   * What the changes do to the log, for those who do not ask for the entries themselves: of a run, which is what nearly
   * every batch is, they get its two ends.
   */
  get effect(): readonly LogChange[] {
    return this.#isRun && this.#first && this.#last
      ? [{ entries: [this.#first, this.#last] }]
      : this.#changes;
  }

  /** Whether a change may go along. */
  takes(bytes: number, snapshot: SnapshotMetadata | undefined): boolean {
    return this.#changes.length === 0 || (!snapshot && this.#bytes + bytes <= MAX_SHARED_BYTES);
  }

  /**
   * @param bytes The size of the change within a record.
   * @param isHint Whether losing it is harmless: it changes nothing but the commit index.
   * @param snapshot Is durable, and counts once the record is that makes the log begin behind it.
   */
  add(change: LogChange, bytes: number, isHint = false, snapshot?: SnapshotMetadata): void {
    if (snapshot) this.#snapshot = snapshot;
    if (bytes > 0 && !isHint) this.#needsRecord = true;
    this.#note(change);
    this.#changes.push(change);
    this.#bytes += bytes;
    if (this.#record) encodeChange(this.#record.reserve(bytes), change);
  }

  /** Encodes what is here, and from now on what is added. */
  encodeInto(record: RecordBuffer): void {
    this.#record = record.begin().reserve(this.#bytes);
    for (const change of this.#changes) encodeChange(record, change);
  }

  /** The changes as the body of a record, to which other items may be added. */
  encoded(): RecordBuffer {
    if (!this.#record) this.encodeInto(new RecordBuffer());
    return this.#record ?? new RecordBuffer();
  }

  /**
   * Two that become durable one behind the other, and are told together: the first with as many changes as fit into
   * `limit`, its first one in any case. Just this one when all of it fits.
   */
  split(limit: number): readonly [CommitBatch, CommitBatch?] {
    if (this.#bytes <= limit || this.#changes.length <= 1) return [this];
    const front = new CommitBatch(this.durable);
    const rest = new CommitBatch(this.durable);
    for (const change of this.#changes) {
      const bytes = encodedChangeBytes(change);
      const isFirst = front.#changes.length === 0;
      const fits = rest.#changes.length === 0 && front.#bytes + bytes <= limit;
      (isFirst || fits ? front : rest).add(change, bytes);
    }
    return [front, rest];
  }

  #note({ beginning, entries, hardState }: LogChange): void {
    if (hardState) this.#hardState = hardState;
    if (beginning) this.#isRun = false;
    const first = entries[0];
    const last = entries.at(-1);
    if (!first || !last) return;
    const follows = !this.#last || this.#last.index + 1 === first.index;
    if (!follows || last.term !== (this.#first ?? first).term) this.#isRun = false;
    if (first.index < this.#lowestIndex) this.#lowestIndex = first.index;
    for (const { data } of entries) this.#dataBytes += data.length;
    this.#entryCount += entries.length;
    this.#first ??= first;
    this.#last = last;
  }
}
