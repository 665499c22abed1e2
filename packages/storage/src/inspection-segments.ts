import { damageOf, type Damages } from './inspection-damage.js';
import type { Check, InspectedSegment, SegmentState } from './inspection.js';
import type { RecoveredLog } from './recovery.js';
import { Replay } from './replay.js';
import { readSeal } from './sealed-segment.js';
import { segmentPath } from './segment.js';
import { decodeSegmentHeader, isKnownFormat, SEGMENT_HEADER_BYTES } from './segment-header.js';
import { checked, scanSegment } from './segment-scan.js';
import { type Begun, type Found, readSegment, type RecoverySource } from './segment-survey.js';
import { corrupted, systemCode } from './storage-error.js';

/** A segment with what is known of it and its neighbours. */
interface Placed {
  readonly found: Found;
  readonly state: SegmentState | undefined;
  /** Where its last record ends; `undefined` where nobody says. */
  readonly end: number | undefined;
}

/**
 * All segment files. A header that is damaged, or of another segment, is left out, and so is a file that is gone by now:
 * {@link recoverLog} tells what that means.
 */
export async function findSegments(
  source: RecoverySource,
  sequences: readonly number[],
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const sequence of sequences.toSorted((left, right) => left - right)) {
    const segment = await findSegment(source, sequence);
    if (segment) found.push(segment);
  }
  return found;
}

async function findSegment(source: RecoverySource, sequence: number): Promise<Found | undefined> {
  const path = segmentPath(source.directory, sequence);
  try {
    const { bytes, content } = await readSegment(source, path, 0, SEGMENT_HEADER_BYTES);
    const header = decodeSegmentHeader(content, source.salt);
    const isOwn = header?.sequence === sequence && isKnownFormat(header.formatVersion);
    return { sequence, path, bytes, header: isOwn ? header : undefined };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * What is in each of them. Reads all records with `read`, which is told how many bytes a file has. One that its node
 * lets go meanwhile, since a snapshot covers it now, is free and not damaged.
 */
export async function inspectSegments(
  source: RecoverySource,
  found: readonly Found[],
  recovered: RecoveredLog | undefined,
  damages: Damages,
  read: ((bytes: number) => void) | undefined,
): Promise<readonly InspectedSegment[]> {
  const replay = new Replay();
  const segments: InspectedSegment[] = [];
  let readSegments = 0;
  for (const [at, segment] of found.entries()) {
    let placed = await place(source, segment, found[at + 1], recovered, damages);
    if (read && isNeeded(placed)) {
      const damage = await damageOf(() => verify(source, placed, replay));
      if (damage && !(await isStillThere(source, segment))) placed = { ...placed, state: 'free' };
      else if (damage) damages.add(damage);
      else readSegments++;
      read(segment.bytes);
    }
    segments.push(describe(placed, damages, read !== undefined));
  }
  if (recovered?.last && readSegments === recovered.last.header.sequence - recovered.oldestSequence + 1) {
    await damages.noting(() => compare(source, recovered, replay));
  }
  return segments;
}

/** A segment that is let go loses its header before anything else is written to its file. */
async function isStillThere(source: RecoverySource, { header, sequence }: Found): Promise<boolean> {
  const now = await findSegment(source, sequence);
  return now?.header !== undefined && now.header.firstIndex === header?.firstIndex;
}

async function place(
  source: RecoverySource,
  found: Found,
  follower: Found | undefined,
  recovered: RecoveredLog | undefined,
  damages: Damages,
): Promise<Placed> {
  const { header, sequence } = found;
  const last = recovered?.last;
  if (recovered && sequence < recovered.oldestSequence) return { found, state: 'free', end: undefined };
  if (recovered && sequence === last?.header.sequence) return { found, state: 'open', end: last.end };
  if (recovered && sequence > (last?.header.sequence ?? 0))
    return { found, state: 'prepared', end: undefined };
  if (!header || !isBegun(found)) return { found, state: undefined, end: undefined };
  const end =
    follower?.header && follower.sequence === sequence + 1 ? follower.header.previousEnd : undefined;
  if (end === undefined) return { found, state: 'open', end: undefined };
  const seal = await damages.noting(() => readSeal(source, found, end));
  return { found, state: seal || recovered?.unsealed?.sequence !== sequence ? 'sealed' : 'unsealed', end };
}

function isNeeded({ found, state }: Placed): boolean {
  return isBegun(found) && state !== 'free' && state !== 'prepared';
}

/** Reads all records of a segment, and adds them to what those before it said. */
async function verify(source: RecoverySource, { end, found }: Placed, replay: Replay): Promise<void> {
  const { header, path, sequence } = found;
  if (!header) return;
  const { content } = await readSegment(source, path);
  const scanned = scanSegment({ path, sequence, content }, source.salt, end);
  if (end !== undefined && scanned.end !== end) throw corrupted(path, scanned.end, 'the record is damaged');
  replay.beginSegment(sequence, header.firstIndex);
  for (const { items, position } of scanned.records) {
    checked(path, position, () => replay.apply(items, position));
  }
}

/** What the records say is what the seals say. */
function compare({ directory }: RecoverySource, { content, index }: RecoveredLog, replay: Replay): void {
  const read = replay.finish();
  const isSame =
    read !== undefined &&
    read.lastIndex === content.lastIndex &&
    read.beginning.index === content.beginning.index &&
    JSON.stringify(read.terms.runs) === JSON.stringify(content.terms.runs);
  if (isSame) return;
  const file = segmentPath(directory, index.current?.sequence ?? 1);
  throw corrupted(file, 0, 'the records of the log are not what the seals of the segments say');
}

function describe({ end, found, state }: Placed, damages: Damages, isVerified: boolean): InspectedSegment {
  const { bytes, header, path, sequence } = found;
  const isUsed = state === 'sealed' || state === 'unsealed' || state === 'open';
  return {
    sequence,
    file: path,
    fileBytes: bytes,
    state,
    usedBytes: isUsed ? (end ?? 0) : 0,
    firstIndex: isUsed ? header?.firstIndex : undefined,
    check: damages.isIn(path) || state === undefined ? 'damaged' : checkOf(state, isVerified),
  };
}

function checkOf(state: SegmentState, isVerified: boolean): Check {
  if (state === 'free') return 'none';
  if (state === 'sealed') return isVerified ? 'all' : 'ends';
  return 'all';
}

function isBegun(segment: Found): segment is Begun {
  return segment.header !== undefined;
}
