import type { AppendBatch, Entry, HardState, Index, LogReader, NodeId, Term } from '@decoraft/raft';

export const NODE_A = 'a' as NodeId;

export function entry(index: number, term: number, data: string | Uint8Array = `${term}.${index}`): Entry {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data;
  return { index: index as Index, term: term as Term, kind: 'normal', data: bytes };
}

/** The entries `from` to `to`, both included. */
export function entries(from: number, to: number, term: number, dataBytes?: number): Entry[] {
  const made: Entry[] = [];
  for (let at = from; at <= to; at++) {
    made.push(
      entry(at, term, dataBytes === undefined ? undefined : new Uint8Array(dataBytes).fill(at + term)),
    );
  }
  return made;
}

export function batch(from: number, to: number, term: number, dataBytes?: number): AppendBatch {
  return { entries: entries(from, to, term, dataBytes) };
}

export function hardState(term: number, vote = '', commit = 0): HardState {
  return { term: term as Term, vote: vote as NodeId, commit: commit as Index };
}

export const at = (index: number): Index => index as Index;

export function allEntries(log: LogReader): readonly Entry[] {
  return log.entries(log.firstIndex(), (log.lastIndex() + 1) as Index, Infinity);
}

/** `1.1 1.2 2.3`: term and index of every entry. */
export function trace(log: LogReader): string {
  return allEntries(log)
    .map(({ index, term }) => `${term}.${index}`)
    .join(' ');
}
