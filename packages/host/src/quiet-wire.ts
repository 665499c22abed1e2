import { ByteReader, ByteWriter, CodedError } from '@decoraft/base';
import type { Index, NodeId, RestingPoint, Term } from '@decoraft/raft';

/** Raised when the layouts below change; who speaks another version is not listened to. */
const WIRE_VERSION = 1;

/** The service of a server at which it hears of what concerns several of its groups, and its methods. Never renamed. */
export const SERVER_BEATS = 'decoraft.beats';
export const BEATS_METHOD = {
  /** One-way: Raft messages of several groups, each as its own service takes them. */
  messages: 'messages',
  /** One-way: these groups of the sender rest. */
  quiet: 'quiet',
  /** One-way: what became of it. */
  quietAnswer: 'quiet-answer',
} as const;

/** A message of one group on its way with those of others. */
export interface GroupMessage {
  /** The RPC service of the group. */
  readonly service: number;
  readonly payload: Uint8Array;
}

/** What a leader asks a follower to agree to, with all by which a message of that leader is checked. */
export interface QuietEntry {
  readonly service: number;
  readonly cluster: number;
  /** The leader's. */
  readonly disk: number;
  readonly to: NodeId;
  readonly at: RestingPoint;
}

export interface QuietBeat {
  /** Of the server that sends it: drawn anew with every start. */
  readonly incarnation: number;
  /** Where that one is reached. */
  readonly reachedAt: string;
  /** The address that it is sent to, as the answer gives it back. */
  readonly to: string;
  /** Of the list. */
  readonly version: number;
  /** The groups that rest, or want to; left out where the recipient has the list of this version. */
  readonly entries?: readonly QuietEntry[];
}

export interface QuietAnswer {
  readonly incarnation: number;
  readonly to: string;
  /** Of the list that was taken in last; 0 for none. */
  readonly version: number;
  /** The services of the groups on it that do not rest. */
  readonly refused: readonly number[];
}

export function encodeGroupMessages(messages: readonly GroupMessage[]): Uint8Array {
  const writer = new ByteWriter().u8(WIRE_VERSION).u32(messages.length);
  for (const { payload, service } of messages) writer.u32(service).bytes(payload);
  return writer.finish();
}

/** The payloads are views. @throws CodedError `InvalidArgument` */
export function decodeGroupMessages(bytes: Uint8Array): readonly GroupMessage[] {
  const reader = begin(bytes);
  const messages = listOf(reader, () => ({ service: reader.u32(), payload: reader.bytes() }));
  reader.end();
  return messages;
}

export function encodeQuietBeat({ entries, incarnation, reachedAt, to, version }: QuietBeat): Uint8Array {
  const writer = new ByteWriter().u8(WIRE_VERSION).u53(incarnation).text(reachedAt).text(to).u53(version);
  writer.u8(Number(entries !== undefined));
  if (entries) writeEntries(writer, entries);
  return writer.finish();
}

function writeEntries(writer: ByteWriter, entries: readonly QuietEntry[]): void {
  writer.u32(entries.length);
  for (const { at, cluster, disk, service, to } of entries) {
    writer.u32(service).u32(cluster).u32(disk).text(to);
    writer.text(at.leader).u53(at.term).u53(at.lastIndex);
  }
}

/** @throws CodedError `InvalidArgument` */
export function decodeQuietBeat(bytes: Uint8Array): QuietBeat {
  const reader = begin(bytes);
  const head = {
    incarnation: reader.u53(),
    reachedAt: reader.text(),
    to: reader.text(),
    version: reader.u53(),
  };
  const entries = reader.u8() === 1 ? listOf(reader, () => readEntry(reader)) : undefined;
  reader.end();
  return entries ? { ...head, entries } : head;
}

function readEntry(reader: ByteReader): QuietEntry {
  const [service, cluster, disk] = [reader.u32(), reader.u32(), reader.u32()];
  const to = reader.text() as NodeId;
  const leader = reader.text() as NodeId;
  const at = { leader, term: reader.u53() as Term, lastIndex: reader.u53() as Index };
  return { service, cluster, disk, to, at };
}

export function encodeQuietAnswer({ incarnation, refused, to, version }: QuietAnswer): Uint8Array {
  const writer = new ByteWriter().u8(WIRE_VERSION).u53(incarnation).text(to).u53(version);
  writer.u32(refused.length);
  for (const service of refused) writer.u32(service);
  return writer.finish();
}

/** @throws CodedError `InvalidArgument` */
export function decodeQuietAnswer(bytes: Uint8Array): QuietAnswer {
  const reader = begin(bytes);
  const head = { incarnation: reader.u53(), to: reader.text(), version: reader.u53() };
  const refused = listOf(reader, () => reader.u32());
  reader.end();
  return { ...head, refused };
}

function begin(bytes: Uint8Array): ByteReader {
  const reader = new ByteReader(bytes);
  const version = reader.u8();
  if (version === WIRE_VERSION) return reader;
  throw new CodedError('InvalidArgument', `version ${version} of a server's beats is not ${WIRE_VERSION}`);
}

function listOf<Item>(reader: ByteReader, read: () => Item): readonly Item[] {
  const items: Item[] = [];
  for (let left = reader.u32(); left > 0; left--) items.push(read());
  return items;
}
