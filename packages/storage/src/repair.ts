import type { Logger } from '@decoraft/base';
import type { Disk } from './disk.js';
import type { LastSegment, RecoveredLog, UnsealedSegment } from './recovery.js';
import { clearSegment, sealSegment, type Segment, segmentPath } from './segment.js';
import type { UnusedSegment } from './segment-survey.js';
import type { SegmentState } from './segment-writer.js';
import { readAll, writeAll, writeZeros } from './whole-file.js';

export interface RepairPlace {
  readonly disk: Disk;
  readonly directory: string;
  readonly logger: Logger;
  readonly segmentBytes: number;
  readonly salt: number;
}

/**
 * Makes a recovered log ready to be written, before anyone is told what is in it: clears what was left behind its
 * end, and makes sure that what was read is on the disk and not merely in the system's cache.
 */
export async function repairLog(recovered: RecoveredLog, place: RepairPlace): Promise<SegmentState> {
  const { index, last, oldestSequence, recyclable, unsealed, unused } = recovered;
  const opened: Segment[] = [];
  try {
    const active = last && (await openLast(last, place, opened));
    // Behind the flush of the last segment: a seal says that the next one is durable.
    if (unsealed) await seal(unsealed, place);
    const next = unused && (await openUnused(unused, place, opened));
    // A rename that the stopped process did not get to flush.
    await place.disk.fsyncDirectory(place.directory);
    return { active, next, index, oldestSequence, recyclable };
  } catch (error) {
    await Promise.allSettled(opened.map((segment) => segment.file.close()));
    throw error;
  }
}

async function openLast(last: LastSegment, place: RepairPlace, opened: Segment[]): Promise<Segment> {
  const { end, header, lastRecord, leftover } = last;
  const path = segmentPath(place.directory, header.sequence);
  const file = await place.disk.open(path, 'existing');
  const { recycled, segmentBytes, sequence } = header;
  const segment: Segment = { sequence, path, file, bytes: segmentBytes, recycled, end };
  opened.push(segment);
  if (leftover > 0) {
    reportCut(place.logger, { path, end, leftover, recycled });
    await writeZeros(file, end, end + leftover);
  }
  // The last record may be in the cache only: its process was killed before the flush, or the flush had failed and
  // the system holds the page for clean. Written again, it is flushed for certain (ATC'20).
  const from = last.isFirstRecord ? 0 : lastRecord;
  await writeAll(file, await readAll(file, from, end - from), from);
  await file.fdatasync();
  return segment;
}

async function seal({ end, seal: body, sequence }: UnsealedSegment, place: RepairPlace): Promise<void> {
  const file = await place.disk.open(segmentPath(place.directory, sequence), 'existing');
  try {
    await sealSegment(file, { sequence, end, body }, place.salt);
  } finally {
    await file.close();
  }
}

/** `undefined` for a segment that is to be prepared anew. */
async function openUnused(
  unused: UnusedSegment,
  place: RepairPlace,
  opened: Segment[],
): Promise<Segment | undefined> {
  const { bytes, leftover, sequence } = unused;
  const path = segmentPath(place.directory, sequence);
  const file = await place.disk.open(path, 'existing');
  const segment: Segment = { sequence, path, file, bytes, recycled: false, end: 0 };
  opened.push(segment);
  if (leftover > 0) {
    reportCut(place.logger, { path, end: 0, leftover, recycled: true });
    await clearSegment(segment, leftover);
  }
  if (bytes === place.segmentBytes) return segment;
  // It was being made larger, and nobody knows whether that is durable.
  await file.close();
  return undefined;
}

interface Cut {
  readonly path: string;
  readonly end: number;
  readonly leftover: number;
  readonly recycled: boolean;
}

function reportCut(logger: Logger, { end, leftover, path, recycled }: Cut): void {
  const what = recycled
    ? 'bytes behind the end of the log were cleared: an unfinished record, or a former life of the segment'
    : 'a record that was not finished when the process stopped was cut off; nobody was told of it';
  logger.log(recycled ? 'info' : 'warn', what, { file: path, offset: end, bytes: leftover });
}
