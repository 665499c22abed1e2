import { crc32 } from 'node:zlib';
import { ByteReader, ByteWriter } from '@decoraft/base';
import {
  type AppendBatch,
  type Entry,
  type EntryKind,
  type HardState,
  type Index,
  type NodeId,
  type Term,
} from '@decoraft/raft';

/** Length, checksum, number, durable number: see FORMAT.md. */
export const RECORD_HEADER_BYTES = 24;

const HAS_HARD_STATE = 1;
const ENTRY_KINDS: readonly EntryKind[] = ['normal', 'configuration'];

/** A record in a segment: one batch, all of it or nothing. */
export interface LogRecord {
  /** Counts all records of the log from 1, across segments. */
  readonly number: number;
  /** The last record that was durable when this one was written: whatever is damaged up to there was not torn. */
  readonly durable: number;
  readonly batch: AppendBatch;
}

/** What stands at a place of a segment. */
export type ReadResult =
  | { readonly kind: 'record'; readonly record: LogRecord; readonly bytes: number }
  /** Zeros: nothing was written here. */
  | { readonly kind: 'end' }
  | { readonly kind: 'damaged'; readonly reason: string };

export function encodeRecord(segment: number, { batch, durable, number }: LogRecord): Uint8Array {
  const body = encodeBody(batch);
  const writer = new ByteWriter(RECORD_HEADER_BYTES + body.length);
  writer.u32(body.length).u32(0).u53(number).u53(durable).raw(body);
  const bytes = writer.finish();
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(4, checksum(segment, bytes), true);
  return bytes;
}

export function readRecord(segment: number, bytes: Uint8Array, at: number): ReadResult {
  if (at + RECORD_HEADER_BYTES > bytes.length) return { kind: 'end' };
  const header = bytes.subarray(at, at + RECORD_HEADER_BYTES);
  if (header.every((byte) => byte === 0)) return { kind: 'end' };
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  const length = RECORD_HEADER_BYTES + view.getUint32(0, true);
  if (at + length > bytes.length) return { kind: 'damaged', reason: 'a record reaches beyond its segment' };
  const whole = bytes.subarray(at, at + length);
  if (view.getUint32(4, true) !== checksum(segment, whole)) {
    return { kind: 'damaged', reason: 'a checksum does not match' };
  }
  const reader = new ByteReader(whole);
  reader.raw(8);
  const number = reader.u53();
  const durable = reader.u53();
  return { kind: 'record', record: { number, durable, batch: decodeBody(reader) }, bytes: length };
}

/** Over the segment's number as well: a record of a segment's former life never passes for one of this. */
function checksum(segment: number, record: Uint8Array): number {
  const lengthFirst = crc32(record.subarray(0, 4), segment >>> 0);
  return crc32(record.subarray(8), lengthFirst) >>> 0;
}

function encodeBody({ entries, hardState }: AppendBatch): Uint8Array {
  let size = 64;
  for (const { data } of entries) size += 21 + data.length;
  const writer = new ByteWriter(size).u8(hardState ? HAS_HARD_STATE : 0);
  if (hardState) writer.u53(hardState.term).text(hardState.vote).u53(hardState.commit);
  writer.u32(entries.length);
  const [first] = entries;
  if (first) writer.u53(first.index);
  for (const { data, kind, term } of entries) writer.u53(term).u8(ENTRY_KINDS.indexOf(kind)).bytes(data);
  return writer.finish();
}

function decodeBody(reader: ByteReader): AppendBatch {
  const flags = reader.u8();
  const hardState = flags & HAS_HARD_STATE ? readHardState(reader) : undefined;
  const count = reader.u32();
  const first = count > 0 ? reader.u53() : 0;
  const entries: Entry[] = [];
  for (let offset = 0; offset < count; offset++) {
    const term = reader.u53() as Term;
    const kind = ENTRY_KINDS[reader.u8()] ?? 'normal';
    entries.push({ term, index: (first + offset) as Index, kind, data: reader.bytes() });
  }
  reader.end();
  return hardState ? { entries, hardState } : { entries };
}

function readHardState(reader: ByteReader): HardState {
  return { term: reader.u53() as Term, vote: reader.text() as NodeId, commit: reader.u53() as Index };
}
