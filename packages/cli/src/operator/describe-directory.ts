import { unreachable } from '@decoraft/base';
import type { NodeInspection } from '@decoraft/server';
import { basename } from 'node:path';
import { facts, table } from './table.js';
import { bytes, count, number } from './words.js';

type Directory = Extract<NodeInspection, { kind: 'inspected' }>;
type Segment = Directory['segments'][number];
type Snapshot = Directory['snapshots'][number];

const SHOWN_TERMS = 8;

/** What is in a data directory, line by line. */
export function describeDirectory(directory: Directory): readonly string[] {
  const { damages, notes } = directory;
  return [
    ...facts([...ownerFacts(directory), ...logFacts(directory)]),
    '',
    ...segmentTable(directory.segments),
    ...snapshotTable(directory.snapshots),
    ...notes.map((note) => `note     ${note}`),
    ...damages.map(({ file, offset, problem }) => `DAMAGED  ${file}, byte ${offset}: ${problem}`),
    conclusionOf(directory),
  ];
}

function ownerFacts({ cluster, directory, foreign, lock, owner, unfinished }: Directory): [string, string][] {
  const lines: [string, string][] = [['directory', directory]];
  if (owner) {
    lines.push(['format', String(owner.format)], ['node', owner.nodeId], ['disk', String(owner.diskId)]);
  }
  lines.push(['in use', usedBy(lock)]);
  if (cluster) {
    lines.push(['cluster', cluster.clusterId || 'none: the log has not begun']);
    for (const [at, { address, id, role }] of cluster.members.entries()) {
      lines.push([at === 0 ? 'members' : '', `${id} at ${address}, ${role}`]);
    }
  }
  if (unfinished.length > 0) lines.push(['unfinished', unfinished.join(', ')]);
  if (foreign.length > 0) lines.push(['not ours', foreign.join(', ')]);
  return lines;
}

function usedBy(lock: Directory['lock']): string {
  switch (lock.kind) {
    case 'held':
      return `by process ${lock.pid}: this is how it was while it was read`;
    case 'left-behind':
      return `no: process ${lock.pid} ended without releasing it`;
    case 'released':
    case 'never-taken':
      return 'no';
    default:
      return unreachable(lock);
  }
}

function logFacts({ log }: Directory): [string, string][] {
  if (!log) return [];
  const { beginsBehind, entries, hardState, lastIndex, terms } = log;
  const { commit, term, vote } = hardState;
  const range =
    entries === 0
      ? 'no entries'
      : `${number(beginsBehind + 1)} to ${number(lastIndex)}, ${count(entries, 'entry', 'entries')}`;
  const behind = beginsBehind > 0 ? `; a snapshot covers up to ${number(beginsBehind)}` : '';
  return [
    ['term', `${number(term)}, ${vote === '' ? 'no vote' : `voted for ${vote}`}`],
    ['commit', `${number(commit)} or later`],
    ['entries', range + behind],
    ...termFacts(terms, lastIndex),
  ];
}

function termFacts(
  terms: readonly { readonly from: number; readonly term: number }[],
  lastIndex: number,
): [string, string][] {
  const ranges = terms.map(({ from, term }, at): string => {
    const to = (terms[at + 1]?.from ?? lastIndex + 1) - 1;
    return `term ${number(term)}: ${number(from)} to ${number(to)}`;
  });
  const hidden = Math.max(0, ranges.length - SHOWN_TERMS);
  const shown = ranges.slice(hidden);
  const lines = hidden > 0 ? [`${count(hidden, 'older term')}, --json shows them`, ...shown] : shown;
  return lines.map((line, at) => [at === 0 ? 'terms' : '', line]);
}

function segmentTable(segments: readonly Segment[]): readonly string[] {
  if (segments.length === 0) return [];
  const rows = segments.map(({ check, fileBytes, firstIndex, sequence, state, usedBytes }) => [
    String(sequence),
    state ?? 'unreadable',
    firstIndex === undefined ? '-' : number(firstIndex),
    number(usedBytes),
    number(fileBytes),
    wordsOf(check, 'header and seal'),
  ]);
  const columns = [
    { title: 'segment', align: 'right' },
    { title: 'state' },
    { title: 'first index', align: 'right' },
    { title: 'used bytes', align: 'right' },
    { title: 'file bytes', align: 'right' },
    { title: 'checksums' },
  ] as const;
  return [...table(columns, rows), ''];
}

function snapshotTable(snapshots: readonly Snapshot[]): readonly string[] {
  if (snapshots.length === 0) return [];
  const rows = snapshots.map(({ check, configuration, counts, file, fileBytes, index, term }) => [
    basename(file),
    number(index ?? 0),
    number(term ?? 0),
    bytes(fileBytes),
    counts ? 'yes' : 'no',
    wordsOf(check, 'header'),
    configuration ? configuration.voters.join(', ') : '-',
  ]);
  const columns = [
    { title: 'snapshot' },
    { title: 'index', align: 'right' },
    { title: 'term', align: 'right' },
    { title: 'size', align: 'right' },
    { title: 'of this log' },
    { title: 'checksums' },
    { title: 'voters' },
  ] as const;
  return [...table(columns, rows), ''];
}

function wordsOf(check: Segment['check'], ends: string): string {
  switch (check) {
    case 'all':
      return 'ok';
    case 'ends':
      return `ok: ${ends}`;
    case 'none':
      return 'not needed';
    case 'damaged':
      return 'DAMAGED';
    default:
      return unreachable(check);
  }
}

function conclusionOf({ damages, isVerified, log }: Directory): string {
  if (damages.length === 0) {
    return isVerified
      ? 'Whole: every byte was read.'
      : 'Whole, as far as a start reads; --verify reads every byte.';
  }
  const found = `Damaged in ${count(damages.length, 'place')}; nothing was changed.`;
  const starts = log
    ? 'A node would start from what is whole.'
    : 'A node refuses to start from it: keep it for examination, and replace the node by one with a new id.';
  return `${found} ${starts}`;
}
