import { crc32 } from 'node:zlib';
import type {
  AppendBatch,
  Configuration,
  Index,
  LogReader,
  LogStore,
  NodeId,
  SnapshotDescription,
  SnapshotMetadata,
  Term,
} from '@decoraft/raft';

/** A snapshot as a whole: in these tests, its data is small. */
export interface Snapshot extends SnapshotMetadata {
  readonly data: Uint8Array;
}

/** A batch that installs a snapshot, with the snapshot's data. */
export interface WholeBatch extends AppendBatch {
  readonly snapshot?: Snapshot;
}

export const CONFIGURATION: Configuration = {
  voters: ['a', 'ü'] as NodeId[],
  votersOutgoing: ['a', 'c', 'd'] as NodeId[],
  learners: ['e'] as NodeId[],
  learnersNext: ['d'] as NodeId[],
  autoLeave: true,
};

/** A snapshot whose data is `7.3` for index 3 and term 7, or `dataBytes` bytes of one value. */
export function snapshot(index: number, term: number, dataBytes?: number): Snapshot {
  const data =
    dataBytes === undefined
      ? new TextEncoder().encode(`${term}.${index}`)
      : new Uint8Array(dataBytes).fill(index + term);
  return { index: index as Index, term: term as Term, configuration: CONFIGURATION, data };
}

export function metadata(index: number, term: number): SnapshotMetadata {
  return { index: index as Index, term: term as Term, configuration: CONFIGURATION };
}

/** The data in pieces that begin and end anywhere. */
export async function* piecesOf(data: Uint8Array, pieceBytes = 1_000): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += pieceBytes) yield data.slice(at, at + pieceBytes);
}

/** `saveSnapshot`, of a whole one. */
export function save(log: LogStore, { data, ...taken }: Snapshot): Promise<void> {
  return log.saveSnapshot(taken, piecesOf(data, Math.max(1_000, data.length / 8)));
}

/** `readSnapshot`, and all of its data. */
export async function read(log: LogStore): Promise<Snapshot | undefined> {
  const stored = await log.readSnapshot();
  if (!stored) return undefined;
  const { configuration, index, term } = stored;
  try {
    const pieces: Uint8Array[] = [];
    for await (const piece of stored.chunks()) pieces.push(piece);
    return { index, term, configuration, data: new Uint8Array(Buffer.concat(pieces)) };
  } finally {
    await stored.close();
  }
}

export function descriptionOf({ data, ...place }: Snapshot): SnapshotDescription {
  return { ...place, dataBytes: data.length, checksum: crc32(data) };
}

/** Takes in all of a snapshot, as it comes from a leader. */
export async function receive(log: LogStore, whole: Snapshot): Promise<void> {
  const incoming = await log.receiveSnapshot(descriptionOf(whole));
  const rest = whole.data.subarray(incoming.receivedBytes);
  for await (const piece of piecesOf(rest, Math.max(1_000, rest.length / 4))) await incoming.write(piece);
  if (!(await incoming.finish())) throw new Error('the snapshot was damaged');
}

/** What the log is given of a batch whose snapshot it has received. */
export function withoutData({ snapshot: installed, ...batch }: WholeBatch): AppendBatch {
  return installed ? { ...batch, snapshot: metadata(installed.index, installed.term) } : batch;
}

/** Receives what the batch installs, and appends it. */
export async function install(log: LogStore, batch: WholeBatch): Promise<void> {
  if (batch.snapshot) await receive(log, batch.snapshot);
  await log.append(withoutData(batch));
}

/** `7.3` for the newest snapshot, `none` without one. */
export function snapshotTrace(log: LogReader): string {
  const newest = log.snapshot();
  return newest ? `${newest.term}.${newest.index}` : 'none';
}

/** Where a snapshot is on a simulated disk. */
export function snapshotFile(index: number, term: number): string {
  const [indexDigits, termDigits] = [index, term].map((number) => String(number).padStart(16, '0'));
  return `data/${indexDigits}-${termDigits}.snapshot`;
}
