import type {
  Configuration,
  Index,
  LogReader,
  NodeId,
  Snapshot,
  SnapshotMetadata,
  Term,
} from '@decoraft/raft';

export const CONFIGURATION: Configuration = {
  voters: ['a', 'ü'] as NodeId[],
  votersOutgoing: ['a', 'c', 'd'] as NodeId[],
  learners: ['e'] as NodeId[],
  learnersNext: ['d'] as NodeId[],
  autoLeave: true,
};

/** A snapshot whose data is `7.3` for index 3 and term 7, or `dataBytes` bytes of one value. */
export function snapshot(index: number, term: number, dataBytes?: number): Snapshot {
  const data =
    dataBytes === undefined
      ? new TextEncoder().encode(`${term}.${index}`)
      : new Uint8Array(dataBytes).fill(index + term);
  return { index: index as Index, term: term as Term, configuration: CONFIGURATION, data };
}

export function metadata(index: number, term: number): SnapshotMetadata {
  return { index: index as Index, term: term as Term, configuration: CONFIGURATION };
}

/** `7.3` for the newest snapshot, `none` without one. */
export function snapshotTrace(log: LogReader): string {
  const newest = log.snapshot();
  return newest ? `${newest.term}.${newest.index}` : 'none';
}

/** Where a snapshot is on a simulated disk. */
export function snapshotFile(index: number, term: number): string {
  const [indexDigits, termDigits] = [index, term].map((number) => String(number).padStart(16, '0'));
  return `data/${indexDigits}-${termDigits}.snapshot`;
}
