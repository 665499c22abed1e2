import { readRecord, readRecordLength } from './record.js';
import { decodeBody } from './record-body.js';
import { type SealContent, summaryOf } from './seal.js';
import { checked } from './segment-scan.js';
import type { SegmentSummary } from './segment-summary.js';
import { type Begun, readSegment, type RecoverySource } from './segment-survey.js';
import { corrupted } from './storage-error.js';

/** Enough for the seal of a segment of the usual size. */
const FIRST_READ_BYTES = 8 << 10;

/**
 * What the seal at the byte `end` says of the segment, without a look at its records; `undefined` when there is none
 * that says more than that the next segment was begun. Throws `Corrupted` where seal and header contradict each other.
 */
export async function readSeal(
  source: RecoverySource,
  segment: Begun,
  end: number,
): Promise<SegmentSummary | undefined> {
  const { header, path, sequence } = segment;
  const seal = await readSealContent(source, segment, end);
  if (!seal) return undefined;
  if (seal.firstIndex !== header.firstIndex) {
    const problem = `the seal says that the segment begins at index ${seal.firstIndex}, the header ${header.firstIndex}`;
    throw corrupted(path, end, problem);
  }
  return checked(path, end, () => summaryOf(seal, sequence, end));
}

async function readSealContent(
  source: RecoverySource,
  { path, sequence }: Begun,
  end: number,
): Promise<SealContent | undefined> {
  const place = { sequence, position: end };
  let { content } = await readSegment(source, path, end, FIRST_READ_BYTES);
  const length = readRecordLength(content, place, source.salt, end) ?? 0;
  if (length > content.length) ({ content } = await readSegment(source, path, end, length));
  const body = readRecord(content, place, source.salt, end);
  if (!body) return undefined;
  const [seal, surplus] = checked(path, end, () => decodeBody(body));
  if (seal?.kind !== 'seal' || surplus) {
    throw corrupted(path, end, 'the segment goes on where the next one says that it ends');
  }
  return seal.content;
}
