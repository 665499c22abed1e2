import {
  type Entry,
  index,
  type Index,
  type LogReader,
  type Message,
  nodeId,
  type Role,
  term,
} from '@decoraft/raft';
import { type NodeObservation } from '../../../src/index.js';

export interface DrawnNode {
  readonly role?: Role;
  /** That of the last entry, unless it is said. */
  readonly term?: number;
  readonly vote?: string;
  readonly commit?: number;
  readonly applied?: number;
  readonly life?: number;
  readonly durable?: { readonly term: number; readonly vote?: string };
  /** The core has more than this, which is in the store. */
  readonly hasReady?: boolean;
  /** How much more. */
  readonly ahead?: number;
}

/**
 * A node after a step. Its log is drawn as entries of term and data: `1a 1b 2c`; in capitals, `2C` is a change of the
 * configuration; `1@3` is a snapshot of the first three, of term 1.
 */
export function drawnNode(id: string, log: string, drawing: DrawnNode = {}): NodeObservation {
  const drawn = drawnLog(log);
  const lastIndex = drawn.lastIndex();
  const {
    ahead = 0,
    applied,
    hasReady = false,
    commit = 0,
    durable,
    life = 1,
    role = 'follower',
    vote = '',
  } = drawing;
  const snapshot = drawn.snapshot()?.index ?? 0;
  return {
    id,
    life,
    hasReady,
    status: {
      role,
      term: term(drawing.term ?? drawn.term(lastIndex) ?? 0),
      vote: nodeId(vote),
      commit: index(Math.max(commit, snapshot)),
      applied: index(applied ?? snapshot),
      lastIndex: index(lastIndex + ahead),
    },
    log: drawn,
    ...(durable && {
      durable: { term: term(durable.term), vote: nodeId(durable.vote ?? ''), commit: index(0) },
    }),
  };
}

function drawnLog(log: string): LogReader {
  const words = log.split(' ').filter((word) => word !== '');
  const [snapshotTerm = 0, snapshotIndex = 0] = words[0]?.includes('@')
    ? words[0].split('@').map(Number)
    : [];
  const entries = words
    .filter((word) => !word.includes('@'))
    .map((word, at): Entry => {
      const data = word.replace(/^\d+/, '');
      return {
        term: term(Number.parseInt(word, 10)),
        index: index(snapshotIndex + 1 + at),
        kind: data === data.toUpperCase() ? 'configuration' : 'normal',
        data: new TextEncoder().encode(data),
      };
    });
  const find = (at: Index): Entry | undefined => entries[at - snapshotIndex - 1];
  return {
    firstIndex: () => index(snapshotIndex + 1),
    lastIndex: () => index(snapshotIndex + entries.length),
    term: (at) => (at === snapshotIndex ? term(snapshotTerm) : find(at)?.term),
    entries: (from, to) => entries.slice(from - snapshotIndex - 1, to - snapshotIndex - 1),
    snapshot: () =>
      snapshotIndex === 0
        ? undefined
        : {
            index: index(snapshotIndex),
            term: term(snapshotTerm),
            configuration: {
              voters: [],
              votersOutgoing: [],
              learners: [],
              learnersNext: [],
              autoLeave: false,
            },
          },
  };
}

export const granted = (from: string, to: string, inTerm: number): Message => ({
  kind: 'vote-response',
  from: nodeId(from),
  to: nodeId(to),
  term: term(inTerm),
  granted: true,
  commit: index(0),
  commitTerm: term(0),
});

export const campaigned = (from: string, to: string, inTerm: number): Message => ({
  kind: 'vote-request',
  from: nodeId(from),
  to: nodeId(to),
  term: term(inTerm),
  lastIndex: index(0),
  lastTerm: term(0),
  transfer: false,
  priority: 0,
});

export const acknowledged = (from: string, to: string, inTerm: number, matchIndex: number): Message => ({
  kind: 'append-response',
  from: nodeId(from),
  to: nodeId(to),
  term: term(inTerm),
  rejected: false,
  matchIndex: index(matchIndex),
});
