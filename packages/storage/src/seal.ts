import { type ByteReader, ByteWriter, MalformedBytes } from '@decoraft/base';
import type { Index, Term } from '@decoraft/raft';
import type { LogBeginning } from './log-change.js';
import { type Mark, SegmentSummary } from './segment-summary.js';
import { type TermRun, TermRuns } from './term-runs.js';

/** What the seal at the end of a segment says of it, so that a start need not read its records. */
export interface SealContent {
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly replacesFrom: number;
  readonly beginning: LogBeginning | undefined;
  /** The entries that are live as far as this segment knows: from the first run up to `lastIndex`. */
  readonly runs: readonly TermRun[];
  readonly marks: readonly Mark[];
}

export const SEAL_TAG = 5;

const FIXED_BYTES = 1 + 3 * 8 + 1 + 2 * 4;
const BEGINNING_BYTES = 16;
const RUN_BYTES = 16;
const MARK_BYTES = 12;
/** Stands for an infinite `replacesFrom`. */
const REPLACES_NOTHING = Number.MAX_SAFE_INTEGER;

/** How long the body of the seal is that {@link encodeSeal} makes of a segment as it is now. */
export function sealBytes({ beginning, marks, terms }: SegmentSummary): number {
  const lists = terms.runs.length * RUN_BYTES + marks.length * MARK_BYTES;
  return FIXED_BYTES + (beginning ? BEGINNING_BYTES : 0) + lists;
}

/** The body of the seal of a segment to which nothing is added any more, before anything later takes from it. */
export function encodeSeal(summary: SegmentSummary): Uint8Array {
  const { beginning, firstIndex, lastIndex, marks, replacesFrom, terms } = summary;
  const writer = new ByteWriter(sealBytes(summary))
    .u8(SEAL_TAG)
    .u53(firstIndex)
    .u53(lastIndex)
    .u53(Math.min(replacesFrom, REPLACES_NOTHING))
    .u8(beginning ? 1 : 0);
  if (beginning) writer.u53(beginning.index).u53(beginning.term);
  writer.u32(terms.runs.length);
  for (const { from, term } of terms.runs) writer.u53(from).u53(term);
  writer.u32(marks.length);
  for (const { index, position } of marks) writer.u53(index).u32(position);
  return writer.finish();
}

/** What follows the tag. Throws `MalformedBytes` for what is no seal. */
export function decodeSealContent(reader: ByteReader): SealContent {
  const firstIndex = reader.u53();
  const lastIndex = reader.u53();
  const replacesFrom = reader.u53();
  const beginning = reader.u8() === 1 ? decodeBeginning(reader) : undefined;
  const runs: TermRun[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    runs.push({ from: reader.u53() as Index, term: reader.u53() as Term });
  }
  const marks: Mark[] = [];
  for (let left = reader.u32(); left > 0; left--) {
    marks.push({ index: reader.u53(), position: reader.u32() });
  }
  return {
    firstIndex,
    lastIndex,
    replacesFrom: replacesFrom === REPLACES_NOTHING ? Infinity : replacesFrom,
    beginning,
    runs,
    marks,
  };
}

/**
 * The summary that `seal`, at the byte `end` of segment `sequence`, stands for. Throws `MalformedBytes` where it
 * contradicts itself.
 */
export function summaryOf(seal: SealContent, sequence: number, end: number): SegmentSummary {
  const { beginning, firstIndex, lastIndex, marks, replacesFrom, runs } = seal;
  const summary = new SegmentSummary(sequence, firstIndex);
  summary.lastIndex = lastIndex;
  summary.replacesFrom = replacesFrom;
  summary.beginning = beginning;
  const lowest = runs[0]?.from;
  if (lowest === undefined) {
    require(marks.length === 0, 'it has places of entries, and no entries');
    return summary;
  }
  require(marks[0]?.index === lowest, 'the place of its first entry is missing');
  require(isAscending(
    runs.map(({ from }) => from),
    lastIndex,
  ), 'its terms are not in order');
  require(isAscending(
    runs.map(({ term }) => term),
    Infinity,
  ), 'its terms go back');
  require(isAscending(
    marks.map(({ index }) => index),
    lastIndex,
  ), 'its places are not in order');
  require(marks.every(
    ({ position }, at) => position >= (marks[at - 1]?.position ?? 0) && position < end,
  ), 'its places are not in order');
  summary.marks = [...marks];
  summary.terms = new TermRuns(runs);
  summary.lowest = Math.max(lowest, (beginning?.index ?? 0) + 1);
  summary.highest = lastIndex;
  return summary;
}

function decodeBeginning(reader: ByteReader): LogBeginning {
  return { index: reader.u53() as Index, term: reader.u53() as Term };
}

function isAscending(numbers: readonly number[], limit: number): boolean {
  return numbers.every((number, at) => number > (numbers[at - 1] ?? -1) && number <= limit);
}

function require(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new MalformedBytes(`the seal of the segment contradicts itself: ${otherwise}`);
}
