import { unreachable } from '@decoraft/base';
import {
  decodeConfigurationChange,
  type Entry,
  type Message,
  type PeerStatus,
  type ProposedEntry,
  type RaftStatus,
  type Ready,
  type SnapshotMetadata,
  type StorageMessage,
} from '../../src/index.js';
import { changeWords, configurationWords } from './configuration-words.js';
import type { LogContent } from './memory-log.js';
import { textOf } from './words.js';

/** `-` for no data, `{add-voter d}` for a change of the members. */
function dataWords({ data, kind }: ProposedEntry): string {
  if (kind === 'configuration') return `{${changeWords(decodeConfigurationChange(data))}}`;
  return textOf(data) || '-';
}

/** `index/term:data` */
function entryLine(entry: Entry): string {
  return `${entry.index}/${entry.term}:${dataWords(entry)}`;
}

export function entriesLine(entries: readonly Entry[]): string {
  return entries.map(entryLine).join(' ');
}

/** The entries, behind `..index/term` where the log was compacted. */
export function logLine({ compacted, entries }: LogContent): string {
  const beginning = compacted && compacted.index > 0 ? [`..${compacted.index}/${compacted.term}`] : [];
  return [...beginning, ...entries.map(entryLine)].join(' ') || 'nothing';
}

export function snapshotLine({ configuration, index, term }: SnapshotMetadata): string {
  return `${index}/${term} members=[${configurationWords(configuration)}]`;
}

export function messageLine(message: Message): string {
  const { from, kind, term, to } = message;
  return `${from} -> ${to} ${kind} term=${term} ${detailsOf(message)}`.trimEnd();
}

function detailsOf(message: Message): string {
  switch (message.kind) {
    case 'vote-request':
    case 'pre-vote-request': {
      const { lastIndex, lastTerm, priority } = message;
      const isTransfer = message.kind === 'vote-request' && message.transfer;
      const flags = [...(isTransfer ? ['transfer'] : []), ...(priority > 0 ? [`priority=${priority}`] : [])];
      return [`last=${lastIndex}/${lastTerm}`, ...flags].join(' ');
    }
    case 'vote-response':
    case 'pre-vote-response':
      return message.granted ? 'granted' : `refused commit=${message.commit}/${message.commitTerm}`;
    case 'append-request': {
      const { commit, entries, previousIndex, previousTerm } = message;
      return `previous=${previousIndex}/${previousTerm} entries=[${entriesLine(entries)}] commit=${commit}`;
    }
    case 'append-response':
      return message.rejected
        ? `rejected=${message.rejectedIndex} hint=${message.hintIndex}/${message.hintTerm}`
        : `match=${message.matchIndex}`;
    case 'heartbeat':
      return `commit=${message.commit} read=${message.readSequence}`;
    case 'heartbeat-response':
      return `read=${message.readSequence}`;
    case 'read-index-request':
      return `context=${message.context}${message.proof === 'lease' ? ' proof=lease' : ''}`;
    case 'read-index-response':
      return `context=${message.context} index=${message.index}`;
    case 'install-snapshot-request':
      return `snapshot=${snapshotLine(message.snapshot)}`;
    case 'timeout-now':
      return '';
    case 'transfer-request':
      return `transferee=${message.transferee}`;
    case 'propose-request':
      return `entries=[${message.entries.map(dataWords).join(' ')}]`;
    default:
      return unreachable(message);
  }
}

/** The duties of a ready, in their order, without its messages. */
export function readyLines(id: string, ready: Ready): string[] {
  const { committedEntries, readStates, softState } = ready;
  const lines: string[] = [];
  if (softState) lines.push(`${id} is ${softState.role}, leader ${softState.leader || 'unknown'}`);
  lines.push(...writeLines(id, ready));
  if (committedEntries.length > 0) lines.push(`${id} applies ${entriesLine(committedEntries)}`);
  for (const message of ready.storage) lines.push(...storageLines(id, message));
  for (const { context, index } of readStates) lines.push(`${id} may read ${context} at ${index}`);
  return lines;
}

function writeLines(id: string, write: Pick<Ready, 'entries' | 'hardState' | 'snapshot'>): string[] {
  const { entries, hardState, snapshot } = write;
  const lines: string[] = [];
  if (hardState) {
    const { commit, term, vote } = hardState;
    lines.push(`${id} writes term=${term} vote=${vote || 'nobody'} commit=${commit}`);
  }
  if (snapshot) lines.push(`${id} installs snapshot ${snapshotLine(snapshot)}`);
  if (entries.length > 0) lines.push(`${id} writes ${entriesLine(entries)}`);
  return lines;
}

/** What is handed to the threads that write and apply. */
function storageLines(id: string, message: StorageMessage): string[] {
  if (message.kind === 'storage-apply') return [`${id} applies ${entriesLine(message.entries)}`];
  return writeLines(id, message);
}

export function progressLine(peer: PeerStatus): string {
  const { id, isLearner, isPaused, match, next, pendingSnapshot, state } = peer;
  const flags = [
    ...(pendingSnapshot > 0 ? [`snapshot=${pendingSnapshot}`] : []),
    ...(isLearner ? ['learner'] : []),
    ...(isPaused ? ['paused'] : []),
  ];
  return [`${id} ${state} match=${match} next=${next}`, ...flags].join(' ');
}

export function statusLine({ applied, commit, id, lastIndex, leader, role, term, vote }: RaftStatus): string {
  const who = `${id} is ${role} term=${term} vote=${vote || 'nobody'} leader=${leader || 'unknown'}`;
  return `${who} commit=${commit} applied=${applied} last=${lastIndex}`;
}
