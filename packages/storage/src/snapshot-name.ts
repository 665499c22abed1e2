import { join } from 'node:path';
import type { Index, Term } from '@decoraft/raft';
import type { LogBeginning } from './log-change.js';

/** What the name of a snapshot's file says: the place in the log that it stands for. */
export type SnapshotPlace = LogBeginning;

const NAME = /^(\d{16})-(\d{16})\.snapshot$/;

export function snapshotPath(directory: string, { index, term }: SnapshotPlace): string {
  const [indexDigits, termDigits] = [index, term].map((number) => String(number).padStart(16, '0'));
  return join(directory, `${indexDigits}-${termDigits}.snapshot`);
}

/** The place that the file's name says; `undefined` for other files. */
export function snapshotPlaceOf(name: string): SnapshotPlace | undefined {
  const [, index, term] = NAME.exec(name) ?? [];
  if (index === undefined || term === undefined) return undefined;
  return { index: Number(index) as Index, term: Number(term) as Term };
}
