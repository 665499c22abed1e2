import { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError } from './errors.js';
import { decodeProposal, type Proposal } from './proposal.js';

/** Of what stands in the log; a build reads this version and all before it. */
const ENTRY_FORMAT = 1;
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
