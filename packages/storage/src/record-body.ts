import { ByteReader, MalformedBytes } from '@decoraft/base';
import type { AppendBatch, Entry, EntryKind, HardState, Index, NodeId, Term } from '@decoraft/raft';
import type { RecordBuffer } from './record-buffer.js';

/** A piece of a record's body, in the order in which it takes effect. */
export type RecordItem =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'hardState'; readonly hardState: HardState }
  | { readonly kind: 'seal' };

const ENTRIES_TAG = 1;
const HARD_STATE_TAG = 2;
const SEAL_TAG = 3;
const NORMAL_ENTRY = 1;
const CONFIGURATION_ENTRY = 2;

const TAG_BYTES = 1;
const ENTRIES_HEADER_BYTES = TAG_BYTES + 4 + 8;
const ENTRY_HEADER_BYTES = 8 + 1 + 4;
const HARD_STATE_BYTES = TAG_BYTES + 8 + 8 + 4;

export const SEAL_BODY: Uint8Array = Uint8Array.of(SEAL_TAG);

/** How many bytes {@link encodeBatch} writes for it. */
export function encodedBatchBytes({ entries, hardState }: AppendBatch): number {
  let bytes = hardState ? HARD_STATE_BYTES + Buffer.byteLength(hardState.vote) : 0;
  if (entries.length > 0) bytes += ENTRIES_HEADER_BYTES;
  for (const entry of entries) bytes += ENTRY_HEADER_BYTES + entry.data.length;
  return bytes;
}

/** Appends `batch` to a record's body: entries first, then the hard state. */
export function encodeBatch(record: RecordBuffer, { entries, hardState }: AppendBatch): void {
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

/** What {@link encodeBatch} wrote, with bytes of its own. Throws `MalformedBytes` for anything else. */
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
    case SEAL_TAG:
      return { kind: 'seal' };
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
    // A copy: a view would keep the whole segment in memory for as long as the entry lives.
    entries.push({ term, index: (first + at) as Index, kind, data: reader.bytes().slice() });
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
