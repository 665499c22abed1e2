import { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError } from './errors.js';
import { decodeProposal, type Proposal, readMany } from './proposal.js';

/** Of what stands in the log; a build reads this version and all before it. */
const ENTRY_FORMAT = 1;
const MEMBERS_FORMAT = 1;
const HEADER_BYTES = 9;

/** A proposal as it stands in the log: with the time that the leader gave it. */
export interface StampedProposal {
  /** Milliseconds since 1970 by the leader's clock. */
  readonly time: number;
  readonly proposal: Proposal;
}

/** Puts format and time before the bytes that the client encoded; those are logged as they came. */
export function stampProposal(time: number, proposal: Uint8Array): Uint8Array {
  return new ByteWriter(HEADER_BYTES + proposal.length).u8(ENTRY_FORMAT).f64(time).raw(proposal).finish();
}

/** @throws DecoraftError `Corrupted` for an unknown format, `InvalidArgument` for bytes that are no proposal. */
export function decodeStampedProposal(data: Uint8Array): StampedProposal {
  const reader = new ByteReader(data);
  const format = reader.u8();
  if (format !== ENTRY_FORMAT) {
    throw new DecoraftError('Corrupted', `log entry format ${format} is not known to this build`);
  }
  return { time: reader.f64(), proposal: decodeProposal(reader.raw(reader.remaining)) };
}

/** A server of the group: where the others and the clients reach it. */
export interface MemberAddress {
  readonly id: string;
  /** `host:port` */
  readonly address: string;
}

/** The configuration entry's data. Members are sorted: the same list gives the same bytes on every node. */
export function encodeMembers(members: readonly MemberAddress[]): Uint8Array {
  const writer = new ByteWriter().u8(MEMBERS_FORMAT).u32(members.length);
  for (const { id, address } of sortMembers(members)) writer.text(id).text(address);
  return writer.finish();
}

/** @throws DecoraftError `Corrupted` for an unknown format. */
export function decodeMembers(data: Uint8Array): readonly MemberAddress[] {
  const reader = new ByteReader(data);
  const format = reader.u8();
  if (format !== MEMBERS_FORMAT) {
    throw new DecoraftError('Corrupted', `configuration entry format ${format} is not known to this build`);
  }
  return readMany(reader, () => ({ id: reader.text(), address: reader.text() }));
}

function sortMembers(members: readonly MemberAddress[]): readonly MemberAddress[] {
  return members.toSorted((left, right) => (left.id < right.id ? -1 : 1));
}
