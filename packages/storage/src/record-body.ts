import { ByteReader, MalformedBytes } from '@decoraft/base';
import type { Entry, EntryKind, HardState, Index, NodeId, Term } from '@decoraft/raft';
import type { LogChange, NewBeginning } from './log-change.js';
import type { RecordBuffer } from './record-buffer.js';
import { decodeSealContent, SEAL_TAG, type SealContent } from './seal.js';

/** A piece of a record's body, in the order in which it takes effect. */
export type RecordItem =
  | { readonly kind: 'beginning'; readonly beginning: NewBeginning }
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'hardState'; readonly hardState: HardState }
  /** Segments before `sequence` are needed no more, and may be gone. */
  | { readonly kind: 'oldest'; readonly sequence: number }
  /** The last item of a segment that is not the last one; without `content` in formats before version 3. */
  | { readonly kind: 'seal'; readonly content: SealContent | undefined };

const ENTRIES_TAG = 1;
const HARD_STATE_TAG = 2;
const BARE_SEAL_TAG = 3;
const BEGINNING_TAG = 4;
const OLDEST_TAG = 6;
const NORMAL_ENTRY = 1;
const CONFIGURATION_ENTRY = 2;

const TAG_BYTES = 1;
const ENTRIES_HEADER_BYTES = TAG_BYTES + 4 + 8;
const ENTRY_HEADER_BYTES = 8 + 1 + 4;
const HARD_STATE_BYTES = TAG_BYTES + 8 + 8 + 4;
const BEGINNING_BYTES = TAG_BYTES + 8 + 8 + 1;
export const OLDEST_BYTES = TAG_BYTES + 8;

/** How many bytes {@link encodeChange} writes for it. */
export function encodedChangeBytes({ beginning, entries, hardState }: LogChange): number {
  let bytes = hardState ? HARD_STATE_BYTES + Buffer.byteLength(hardState.vote) : 0;
  if (beginning) bytes += BEGINNING_BYTES;
  if (entries.length > 0) bytes += ENTRIES_HEADER_BYTES;
  for (const entry of entries) bytes += ENTRY_HEADER_BYTES + entry.data.length;
  return bytes;
}

/** Appends `change` to a record's body: beginning, entries, hard state. */
export function encodeChange(record: RecordBuffer, { beginning, entries, hardState }: LogChange): void {
  if (beginning) {
    const { index, keepsEntries, term } = beginning;
    record
      .u8(BEGINNING_TAG)
      .u53(index)
      .u53(term)
      .u8(keepsEntries ? 1 : 0);
  }
  const first = entries[0];
  if (first) record.u8(ENTRIES_TAG).u32(entries.length).u53(first.index);
  for (const { term, kind, data } of entries) {
    record
      .u53(term)
      .u8(kind === 'normal' ? NORMAL_ENTRY : CONFIGURATION_ENTRY)
      .bytes(data);
  }
  if (hardState) record.u8(HARD_STATE_TAG).u53(hardState.term).u53(hardState.commit).text(hardState.vote);
}

/** Appends that segments before `sequence` are needed no more. */
export function encodeOldest(record: RecordBuffer, sequence: number): void {
  record.u8(OLDEST_TAG).u53(sequence);
}

/** What a record says. The data of entries is a view of `body`. Throws `MalformedBytes` for what is no body. */
export function decodeBody(body: Uint8Array): readonly RecordItem[] {
  const reader = new ByteReader(body);
  const items: RecordItem[] = [];
  while (reader.remaining > 0) items.push(decodeItem(reader));
  return items;
}

function decodeItem(reader: ByteReader): RecordItem {
  const tag = reader.u8();
  switch (tag) {
    case ENTRIES_TAG:
      return { kind: 'entries', entries: decodeEntries(reader) };
    case HARD_STATE_TAG:
      return { kind: 'hardState', hardState: decodeHardState(reader) };
    case BARE_SEAL_TAG:
      return { kind: 'seal', content: undefined };
    case SEAL_TAG:
      return { kind: 'seal', content: decodeSealContent(reader) };
    case BEGINNING_TAG:
      return { kind: 'beginning', beginning: decodeBeginning(reader) };
    case OLDEST_TAG:
      return { kind: 'oldest', sequence: reader.u53() };
    default:
      throw new MalformedBytes(`unknown item ${tag} at byte ${reader.offset - 1} of a record`);
  }
}

function decodeEntries(reader: ByteReader): readonly Entry[] {
  const count = reader.u32();
  const first = reader.u53();
  const entries: Entry[] = [];
  for (let at = 0; at < count; at++) {
    const term = reader.u53() as Term;
    const kind = decodeKind(reader.u8());
    entries.push({ term, index: (first + at) as Index, kind, data: reader.bytes() });
  }
  return entries;
}

function decodeKind(kind: number): EntryKind {
  if (kind === NORMAL_ENTRY) return 'normal';
  if (kind === CONFIGURATION_ENTRY) return 'configuration';
  throw new MalformedBytes(`unknown kind ${kind} of an entry`);
}

function decodeHardState(reader: ByteReader): HardState {
  const term = reader.u53() as Term;
  const commit = reader.u53() as Index;
  return { term, commit, vote: reader.text() as NodeId };
}

function decodeBeginning(reader: ByteReader): NewBeginning {
  const index = reader.u53() as Index;
  const term = reader.u53() as Term;
  return { index, term, keepsEntries: reader.u8() === 1 };
}
