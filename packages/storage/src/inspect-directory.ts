import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, systemClock } from '@decoraft/base';
import type { Entry, Index } from '@decoraft/raft';
import { lockStateOf } from './directory-lock.js';
import type { Disk } from './disk.js';
import { Damages } from './inspection-damage.js';
import { findSegments, inspectSegments } from './inspection-segments.js';
import { inspectSnapshots, readBeginning } from './inspection-snapshots.js';
import type {
  InspectedDirectory,
  InspectedLog,
  InspectedSnapshot,
  Inspection,
  InspectOptions,
  LockState,
} from './inspection.js';
import { LogView } from './log-view.js';
import { type Metadata, METADATA_FILE, readMetadata } from './metadata.js';
import { readBackFrom } from './read-back.js';
import { readOnlyDisk } from './read-only-disk.js';
import { RECORD_HEADER_BYTES, readRecordLength } from './record.js';
import { type RecoveredLog, recoverLog } from './recovery.js';
import { segmentPath, sequenceOf } from './segment.js';
import { type Found, readSegment, type RecoverySource } from './segment-survey.js';
import { snapshotPlaceOf } from './snapshot-name.js';
import { corrupted, StorageError, systemCode } from './storage-error.js';
import { lengthWithoutTrailingZeros } from './whole-file.js';

/** Of a directory that is being written, what is read now may not fit what was read before: then all is read again. */
const ATTEMPTS = 20;
const PAUSE_MS = 50;
const READ_BYTES = 1 << 20;

/**
 * Says what is in a data directory, without a lock and without a change: also beside the node that uses it, whose log
 * it then shows as of some moment in between.
 *
 * @throws StorageError `Unavailable` when the directory changes faster than it can be read; the system's errors that say
 *   nothing of the directory.
 */
export async function inspectDirectory(directory: string, options: InspectOptions = {}): Promise<Inspection> {
  let inspection = await inspectOnce(directory, options);
  for (let attempt = 1; isMoving(inspection) && attempt < ATTEMPTS; attempt++) {
    await new Promise<void>((resolve) => void systemClock.after(PAUSE_MS, resolve));
    inspection = await inspectOnce(directory, options);
  }
  if (inspection) return inspection;
  throw new StorageError('Unavailable', `${directory} changes faster than it can be read; try again`);
}

/** Whether another look may show that nothing is wrong: its files come and go while they are read. */
function isMoving(inspection: Inspection | undefined): boolean {
  if (!inspection) return true;
  return inspection.kind === 'inspected' && inspection.lock.kind === 'held' && inspection.damages.length > 0;
}

/** `undefined` when a file was gone before it could be read. */
async function inspectOnce(directory: string, options: InspectOptions): Promise<Inspection | undefined> {
  let names: readonly string[];
  try {
    names = await readOnlyDisk.list(directory);
  } catch (error) {
    return unreadable(directory, error);
  }
  const reason = whyNone(directory, names);
  if (reason !== undefined) return { kind: 'no-data-directory', reason };
  try {
    return await new Inspector(directory, names, options).inspect();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    const isForeign = error instanceof StorageError && error.code === 'Unimplemented';
    if (isForeign) return { kind: 'not-understood', reason: error.message };
    return unreadable(directory, error);
  }
}

/** Why this cannot be the directory of a node; `undefined` where it can. */
function whyNone(directory: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return `${directory} is empty`;
  if (names.includes(METADATA_FILE) || names.some(isOurs)) return undefined;
  return `${directory} is no data directory: it holds neither metadata nor segments nor snapshots`;
}

function isOurs(name: string): boolean {
  return sequenceOf(name) !== undefined || snapshotPlaceOf(name) !== undefined;
}

function unreadable(directory: string, error: unknown): Inspection {
  switch (systemCode(error)) {
    case 'ENOENT':
      return { kind: 'no-data-directory', reason: `${directory} does not exist` };
    case 'ENOTDIR':
      return { kind: 'no-data-directory', reason: `${directory} is no directory` };
    case 'EACCES':
    case 'EPERM':
      return { kind: 'not-understood', reason: `this user may not read ${directory}: ${messageOf(error)}` };
    default:
      throw error;
  }
}

const LOCK_FILE = /^lock\.\d+$/;
const UNFINISHED_FILE = /\.tmp$/;

/** One look at a directory. */
class Inspector {
  readonly #directory: string;
  readonly #names: readonly string[];
  readonly #options: InspectOptions;
  readonly #disk: Disk = readOnlyDisk;
  readonly #damages = new Damages();
  readonly #notes: string[] = [];

  constructor(directory: string, names: readonly string[], options: InspectOptions) {
    this.#directory = directory;
    this.#names = names;
    this.#options = options;
  }

  async inspect(): Promise<Inspection> {
    const directory = this.#directory;
    const lock = await this.#lock();
    const metadata = await this.#damages.noting(() => readMetadata(this.#disk, directory));
    const hasOurs = this.#names.some(isOurs);
    if (!metadata && !hasOurs) {
      const reason = `${directory} is no data directory: its file ${METADATA_FILE} is none of a node, and there are no segments`;
      return { kind: 'no-data-directory', reason };
    }
    if (!metadata && this.#damages.all.length === 0) {
      if (await this.#isCutShort()) {
        return {
          kind: 'no-data-directory',
          reason: `${directory} was made by a first start that was cut short`,
        };
      }
      const problem = 'the file is missing, though there are segments or snapshots';
      this.#damages.add({ file: join(directory, METADATA_FILE), offset: 0, problem });
    }
    return this.#describe(lock, metadata);
  }

  async #describe(lock: LockState, metadata: Metadata | undefined): Promise<InspectedDirectory> {
    const { verify = false } = this.#options;
    const source = { disk: this.#disk, directory: this.#directory, salt: metadata?.salt ?? 0 };
    const recovered = metadata && (await this.#damages.noting(() => this.#recover(source)));
    // Behind it: of what is read later, nothing is missing that it knows of.
    const sequences = (await this.#disk.list(this.#directory)).map(sequenceOf);
    const found = metadata ? await findSegments(source, sequences.filter(isDefined)) : [];
    const view =
      recovered && new LogView(recovered.content, readBackFrom({ ...source, index: recovered.index }));
    const read = verify ? await this.#progress(found, recovered) : undefined;
    // Before the segments, which may take longer: the log that was found goes on from one that was there then.
    const snapshots = await inspectSnapshots({
      directory: this.#directory,
      names: this.#names,
      log: view,
      damages: this.#damages,
      read,
    });
    const log = view && recovered && (await this.#log(view, recovered, snapshots));
    if (recovered) await this.#note(source, recovered);
    const segments = await inspectSegments(source, found, recovered, this.#damages, read);
    return {
      kind: 'inspected',
      directory: this.#directory,
      owner: metadata && ownerOf(metadata),
      lock,
      log,
      segments,
      snapshots,
      unfinished: this.#names.filter((name) => UNFINISHED_FILE.test(name)).toSorted(),
      foreign: this.#names.filter((name) => !isKnown(name)).toSorted(),
      damages: this.#damages.all,
      notes: this.#notes,
      isVerified: verify,
    };
  }

  async #lock(): Promise<LockState> {
    const state = await this.#damages.noting(() => lockStateOf(this.#directory));
    return state ?? { kind: 'released' };
  }

  /** Whether all there is is the first segment, still empty: it comes before the metadata. */
  async #isCutShort(): Promise<boolean> {
    const ours = this.#names.filter(isOurs);
    if (ours.length !== 1 || sequenceOf(ours[0] ?? '') !== 1) return false;
    const source = { disk: this.#disk, directory: this.#directory, salt: 0 };
    const { content } = await readSegment(source, segmentPath(this.#directory, 1));
    return lengthWithoutTrailingZeros(content) === 0;
  }

  async #recover(source: RecoverySource): Promise<RecoveredLog> {
    const hasSegments = this.#names.some((name) => sequenceOf(name) !== undefined);
    if (!hasSegments) throw corrupted(segmentPath(this.#directory, 1), 0, 'all segments are missing');
    return recoverLog(source);
  }

  async #log(
    view: LogView,
    { content }: RecoveredLog,
    snapshots: readonly InspectedSnapshot[],
  ): Promise<InspectedLog | undefined> {
    const beginsBehind = view.beginning().index;
    const first = snapshots.find(({ check, counts }) => counts && check === 'all');
    if (!first && beginsBehind > 0) {
      const problem = `no snapshot can be used, and the log begins behind index ${beginsBehind}`;
      this.#damages.add({ file: this.#directory, offset: 0, problem });
      return undefined;
    }
    const { configuration, index, term } = first ?? {};
    const snapshot =
      configuration && index !== undefined && term !== undefined ? { configuration, index, term } : undefined;
    view.recoverSnapshot(snapshot);
    const configurationEntries = await this.#damages.noting(() =>
      configurationsBehind(view, snapshot?.index),
    );
    return {
      hardState: view.hardState(),
      beginsBehind,
      lastIndex: view.lastIndex(),
      entries: view.lastIndex() - beginsBehind,
      terms: content.terms.runs,
      snapshot,
      snapshotBeginning: first ? await readBeginning(first.file) : undefined,
      configurationEntries: configurationEntries ?? [],
    };
  }

  /** Behind the last record of a recycled segment there may be anything, unless a record was begun there. */
  async #note(source: RecoverySource, { last }: RecoveredLog): Promise<void> {
    if (!last || last.leftover === 0) return;
    const { end, header, leftover } = last;
    const path = segmentPath(source.directory, header.sequence);
    const { content } = await readSegment(source, path, end, RECORD_HEADER_BYTES);
    const place = { sequence: header.sequence, position: end };
    if (header.recycled && readRecordLength(content, place, source.salt, end) === undefined) return;
    this.#notes.push(
      `${path}, byte ${end}: behind the end of the log stands a record that was not finished, ` +
        `${leftover} bytes up to the last that is not zero; nobody was told of it, and the next start cuts it off`,
    );
  }

  /** Counts the bytes of files of which all is read. */
  async #progress(
    found: readonly Found[],
    recovered: RecoveredLog | undefined,
  ): Promise<(bytes: number) => void> {
    const last = recovered?.last?.header.sequence ?? Infinity;
    const oldest = recovered?.oldestSequence ?? 0;
    const needed = found.filter(({ header, sequence }) => header && sequence >= oldest && sequence <= last);
    let totalBytes = needed.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const name of this.#names) {
      if (snapshotPlaceOf(name)) totalBytes += await sizeOf(join(this.#directory, name));
    }
    let doneBytes = 0;
    return (bytes) => {
      doneBytes += bytes;
      this.#options.onProgress?.({ doneBytes, totalBytes: Math.max(totalBytes, doneBytes) });
    };
  }
}

/** 0 when it is gone by now. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

const isDefined = (sequence: number | undefined): sequence is number => sequence !== undefined;

function ownerOf({ format, owner, salt }: Metadata): InspectedDirectory['owner'] {
  return { format, nodeId: owner.nodeId, diskId: salt };
}

function isKnown(name: string): boolean {
  return isOurs(name) || name === METADATA_FILE || LOCK_FILE.test(name) || UNFINISHED_FILE.test(name);
}

/** The entries behind `snapshot` that change the configuration. Reads all that are there, as a start does. */
function configurationsBehind(view: LogView, snapshot = 0): readonly Entry[] {
  const found: Entry[] = [];
  const end = (view.lastIndex() + 1) as Index;
  for (let from = Math.max(snapshot + 1, view.firstIndex()); from < end;) {
    const entries = view.entries(from as Index, end, READ_BYTES);
    found.push(...entries.filter(({ kind }) => kind === 'configuration'));
    from += entries.length;
  }
  return found;
}
