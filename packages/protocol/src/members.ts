import { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError } from './errors.js';
import { readMany } from './proposal.js';

const MEMBERS_FORMAT = 2;

/** A server of the group: where the others and the clients reach it. */
export interface MemberAddress {
  readonly id: string;
  /** `host:port` */
  readonly address: string;
}

/** What a group remembers of a member. Who has a vote stands in the Raft configuration beside it. */
export interface MemberRecord extends MemberAddress {
  /**
   * The disk that this member keeps its log on, as a number drawn when the disk was first used; 0 until the group
   * has heard of it. A server that comes with another disk is another server (checklist C45).
   */
  readonly disk: number;
  /** A learner with this is made a voter as soon as it has caught up. */
  readonly promote: boolean;
  /** The member that leaves when this one becomes a voter; empty for none. */
  readonly replaces: string;
}

/** What a configuration entry says beside who votes: members that are new, or of which something is new. */
export interface MembersUpdate {
  /** Given where a cluster begins: in its first entry, and where one survivor is made a new cluster. */
  readonly clusterId?: string;
  readonly members: readonly MemberRecord[];
}

/** All that a group remembers of its members, as it stands in a snapshot. */
export interface MembersImage {
  readonly clusterId: string;
  readonly members: readonly MemberRecord[];
  /** Members that were removed. Their ids are never used again. */
  readonly retired: readonly string[];
}

/** A member that joins with nothing known but its address. */
export function memberRecord({ address, id }: MemberAddress): MemberRecord {
  return { id, address, disk: 0, promote: false, replaces: '' };
}

/** Members are sorted: the same list gives the same bytes on every node. */
export function encodeMembersUpdate({ clusterId = '', members }: MembersUpdate): Uint8Array {
  return writeMembers(new ByteWriter().u8(MEMBERS_FORMAT).text(clusterId), members).finish();
}

/** @throws DecoraftError `Corrupted` for an unknown format. */
export function decodeMembersUpdate(data: Uint8Array): MembersUpdate {
  const reader = readerOf(data);
  const clusterId = reader.text();
  const members = readMany(reader, () => readMember(reader));
  return clusterId === '' ? { members } : { clusterId, members };
}

export function encodeMembersImage({ clusterId, members, retired }: MembersImage): Uint8Array {
  const writer = writeMembers(new ByteWriter().u8(MEMBERS_FORMAT).text(clusterId), members);
  writer.u32(retired.length);
  for (const id of retired.toSorted()) writer.text(id);
  return writer.finish();
}

/** @throws DecoraftError `Corrupted` for an unknown format. */
export function decodeMembersImage(data: Uint8Array): MembersImage {
  const reader = readerOf(data);
  return {
    clusterId: reader.text(),
    members: readMany(reader, () => readMember(reader)),
    retired: readMany(reader, () => reader.text()),
  };
}

/** A server asks to be taken in as a learner. */
export function encodeMember(member: MemberRecord): Uint8Array {
  return writeMember(new ByteWriter(), member).finish();
}

/** @throws CodedError `InvalidArgument` for bytes that are no member. */
export function decodeMember(bytes: Uint8Array): MemberRecord {
  const reader = new ByteReader(bytes);
  const member = readMember(reader);
  reader.end();
  return member;
}

function readerOf(data: Uint8Array): ByteReader {
  const reader = new ByteReader(data);
  const format = reader.u8();
  if (format === MEMBERS_FORMAT) return reader;
  throw new DecoraftError('Corrupted', `members format ${format} is not known to this build`);
}

function writeMembers(writer: ByteWriter, members: readonly MemberRecord[]): ByteWriter {
  writer.u32(members.length);
  for (const member of members.toSorted((left, right) => (left.id < right.id ? -1 : 1))) {
    writeMember(writer, member);
  }
  return writer;
}

function writeMember(writer: ByteWriter, member: MemberRecord): ByteWriter {
  const { address, disk, id, promote, replaces } = member;
  return writer.text(id).text(address).u32(disk).u8(Number(promote)).text(replaces);
}

function readMember(reader: ByteReader): MemberRecord {
  return {
    id: reader.text(),
    address: reader.text(),
    disk: reader.u32(),
    promote: reader.u8() === 1,
    replaces: reader.text(),
  };
}
