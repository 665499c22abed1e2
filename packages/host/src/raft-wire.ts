import { ByteReader, ByteWriter, CodedError, unreachable } from '@decoraft/base';
import type {
  Entry,
  EntryKind,
  Index,
  Message,
  NodeId,
  ProposedEntry,
  SnapshotMetadata,
  Term,
} from '@decoraft/raft';

/** Raised when the layout below changes; a peer that speaks another version is not listened to. */
const WIRE_VERSION = 2;

/** One byte on the wire; never renumbered. */
const KIND = {
  'vote-request': 1,
  'vote-response': 2,
  'pre-vote-request': 3,
  'pre-vote-response': 4,
  'append-request': 5,
  'append-response': 6,
  heartbeat: 7,
  'heartbeat-response': 8,
  'read-index-request': 9,
  'read-index-response': 10,
  'install-snapshot-request': 11,
  'timeout-now': 12,
  'transfer-request': 13,
  'propose-request': 14,
} as const satisfies Record<Message['kind'], number>;

const KIND_OF_CODE: ReadonlyMap<number, Message['kind']> = new Map(
  Object.entries(KIND).map(([kind, code]) => [code, kind as Message['kind']]),
);

const ENTRY_KINDS: readonly EntryKind[] = ['normal', 'configuration'];

/** A Raft message with where it comes from: servers of two clusters never understand each other. */
export interface AddressedMessage {
  /** A fingerprint of the cluster's name. */
  readonly cluster: number;
  /** The disk that the sender keeps its log on: a server that lost its own is another one (checklist C45). */
  readonly disk: number;
  /** Where the sender is reached: an answer finds it also when the recipient has not applied its entry yet. */
  readonly reachedAt: string;
  readonly message: Message;
}

export function encodeMessage({ cluster, disk, message, reachedAt }: AddressedMessage): Uint8Array {
  const size = message.kind === 'append-request' ? entriesSize(message.entries) : 0;
  const writer = new ByteWriter(128 + size).u8(WIRE_VERSION).u32(cluster).u32(disk).text(reachedAt);
  writer.u8(KIND[message.kind]).text(message.from).text(message.to).u53(message.term);
  writeBody(writer, message);
  return writer.finish();
}

/** @throws CodedError `InvalidArgument` for bytes that are no message of this version. */
export function decodeMessage(bytes: Uint8Array): AddressedMessage {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version !== WIRE_VERSION) throw malformed(`peer protocol version ${version} is not ${WIRE_VERSION}`);
  const cluster = reader.u32();
  const disk = reader.u32();
  const reachedAt = reader.text();
  const code = reader.u8();
  const kind = KIND_OF_CODE.get(code);
  if (!kind) throw malformed(`no Raft message has kind ${code}`);
  const envelope = { from: reader.text() as NodeId, to: reader.text() as NodeId, term: reader.u53() as Term };
  const message = { ...envelope, ...readBody(kind, reader) } as Message;
  reader.end();
  return { cluster, disk, reachedAt, message };
}

function writeBody(writer: ByteWriter, message: Message): void {
  switch (message.kind) {
    case 'vote-request':
      writer.u53(message.lastIndex).u53(message.lastTerm);
      return void writer.u8(message.priority).u8(Number(message.transfer));
    case 'pre-vote-request':
      return void writer.u53(message.lastIndex).u53(message.lastTerm).u8(message.priority);
    case 'vote-response':
    case 'pre-vote-response':
      return void writer.u8(Number(message.granted)).u53(message.commit).u53(message.commitTerm);
    case 'append-request':
      writer.u53(message.previousIndex).u53(message.previousTerm).u53(message.commit);
      return writeEntries(writer, message.entries);
    case 'append-response':
      if (!message.rejected) return void writer.u8(0).u53(message.matchIndex);
      return void writer.u8(1).u53(message.rejectedIndex).u53(message.hintIndex).u53(message.hintTerm);
    case 'heartbeat':
      return void writer.u53(message.commit).u53(message.readSequence);
    case 'heartbeat-response':
      return void writer.u53(message.readSequence);
    case 'read-index-request':
      return void writer.u53(message.context).u8(Number(message.proof === 'lease'));
    case 'read-index-response':
      return void writer.u53(message.context).u53(message.index);
    case 'install-snapshot-request':
      return writeSnapshot(writer, message.snapshot);
    case 'timeout-now':
      return;
    case 'transfer-request':
      return void writer.text(message.transferee);
    case 'propose-request':
      writer.u32(message.entries.length);
      for (const { kind, data } of message.entries) writer.u8(ENTRY_KINDS.indexOf(kind)).bytes(data);
      return;
    default:
      return unreachable(message);
  }
}

/** The fields of a message behind its envelope. */
type Body = Readonly<Record<string, unknown>> & { readonly kind: Message['kind'] };

function readBody(kind: Message['kind'], reader: ByteReader): Body {
  switch (kind) {
    case 'vote-request': {
      const last = { lastIndex: reader.u53(), lastTerm: reader.u53() };
      return { kind, ...last, priority: reader.u8(), transfer: reader.u8() === 1 };
    }
    case 'pre-vote-request':
      return { kind, lastIndex: reader.u53(), lastTerm: reader.u53(), priority: reader.u8() };
    case 'vote-response':
    case 'pre-vote-response':
      return { kind, granted: reader.u8() === 1, commit: reader.u53(), commitTerm: reader.u53() };
    case 'append-request': {
      const head = { previousIndex: reader.u53(), previousTerm: reader.u53(), commit: reader.u53() };
      return { kind, ...head, entries: readEntries(reader, head.previousIndex) };
    }
    case 'append-response':
      if (reader.u8() === 0) return { kind, rejected: false, matchIndex: reader.u53() };
      return {
        kind,
        rejected: true,
        rejectedIndex: reader.u53(),
        hintIndex: reader.u53(),
        hintTerm: reader.u53(),
      };
    case 'heartbeat':
      return { kind, commit: reader.u53(), readSequence: reader.u53() };
    case 'heartbeat-response':
      return { kind, readSequence: reader.u53() };
    case 'read-index-request':
      return { kind, context: reader.u53(), proof: reader.u8() === 1 ? 'lease' : 'round' };
    case 'read-index-response':
      return { kind, context: reader.u53(), index: reader.u53() };
    case 'install-snapshot-request':
      return { kind, snapshot: readSnapshot(reader) };
    case 'timeout-now':
      return { kind };
    case 'transfer-request':
      return { kind, transferee: reader.text() };
    case 'propose-request':
      return { kind, entries: readProposedEntries(reader) };
    default:
      return unreachable(kind);
  }
}

const ENTRY_HEADER_BYTES = 13;

function entriesSize(entries: readonly Entry[]): number {
  let size = 4;
  for (const { data } of entries) size += ENTRY_HEADER_BYTES + data.length;
  return size;
}

/** Entries are consecutive: their indexes follow from the message's `previousIndex`. */
function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  writer.u32(entries.length);
  for (const { term, kind, data } of entries) {
    writer.u53(term).u8(ENTRY_KINDS.indexOf(kind)).bytes(data);
  }
}

function readEntries(reader: ByteReader, previousIndex: number): readonly Entry[] {
  const entries: Entry[] = [];
  const count = reader.u32();
  for (let offset = 1; offset <= count; offset++) {
    const term = reader.u53() as Term;
    const code = reader.u8();
    const kind = ENTRY_KINDS[code];
    if (!kind) throw malformed(`no entry has kind ${code}`);
    entries.push({ term, index: (previousIndex + offset) as Index, kind, data: reader.bytes() });
  }
  return entries;
}

function readProposedEntries(reader: ByteReader): readonly ProposedEntry[] {
  const entries: ProposedEntry[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    const code = reader.u8();
    const kind = ENTRY_KINDS[code];
    if (!kind) throw malformed(`no entry has kind ${code}`);
    entries.push({ kind, data: reader.bytes() });
  }
  return entries;
}

function writeSnapshot(writer: ByteWriter, { configuration, index, term }: SnapshotMetadata): void {
  const { autoLeave, learners, learnersNext, voters, votersOutgoing } = configuration;
  writer.u53(index).u53(term).u8(Number(autoLeave));
  for (const ids of [voters, votersOutgoing, learners, learnersNext]) {
    writer.u32(ids.length);
    for (const id of ids) writer.text(id);
  }
}

function readSnapshot(reader: ByteReader): SnapshotMetadata {
  const position = { index: reader.u53() as Index, term: reader.u53() as Term };
  const autoLeave = reader.u8() === 1;
  const [voters, votersOutgoing] = [readIds(reader), readIds(reader)];
  const [learners, learnersNext] = [readIds(reader), readIds(reader)];
  return { ...position, configuration: { voters, votersOutgoing, learners, learnersNext, autoLeave } };
}

function readIds(reader: ByteReader): readonly NodeId[] {
  const ids: NodeId[] = [];
  for (let left = reader.u32(); left > 0; left--) ids.push(reader.text() as NodeId);
  return ids;
}

function malformed(what: string): CodedError {
  return new CodedError('InvalidArgument', what);
}
