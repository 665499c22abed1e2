import { unreachable } from '@decoraft/base';
import type { Entry, Message, Ready, RaftStatus } from '../../src/index.js';
import { textOf } from './cluster.js';

/** `index/term:data`; `-` for no data. */
function entryLine({ data, index, kind, term }: Entry): string {
  const text = kind === 'configuration' ? 'configuration' : textOf(data) || '-';
  return `${index}/${term}:${text}`;
}

export function entriesLine(entries: readonly Entry[]): string {
  return entries.map(entryLine).join(' ');
}

export function messageLine(message: Message): string {
  const { from, kind, term, to } = message;
  return `${from} -> ${to} ${kind} term=${term} ${detailsOf(message)}`.trimEnd();
}

function detailsOf(message: Message): string {
  switch (message.kind) {
    case 'vote-request':
    case 'pre-vote-request':
      return `last=${message.lastIndex}/${message.lastTerm}${message.priority > 0 ? ` priority=${message.priority}` : ''}`;
    case 'vote-response':
    case 'pre-vote-response':
      return message.granted ? 'granted' : 'refused';
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
      return `context=${message.context}`;
    case 'read-index-response':
      return `context=${message.context} index=${message.index}`;
    case 'install-snapshot-request':
      return `snapshot=${message.snapshot.index}/${message.snapshot.term}`;
    case 'timeout-now':
      return '';
    case 'transfer-request':
      return `transferee=${message.transferee}`;
    case 'propose-request':
      return `entries=[${message.entries.map(({ data }) => textOf(data) || '-').join(' ')}]`;
    default:
      return unreachable(message);
  }
}

/** The duties of a ready, in their order, without its messages. */
export function readyLines(id: string, ready: Ready): string[] {
  const { committedEntries, entries, hardState, readStates, softState } = ready;
  const lines: string[] = [];
  if (softState) lines.push(`${id} is ${softState.role}, leader ${softState.leader || 'unknown'}`);
  if (hardState) {
    lines.push(
      `${id} writes term=${hardState.term} vote=${hardState.vote || 'nobody'} commit=${hardState.commit}`,
    );
  }
  if (entries.length > 0) lines.push(`${id} writes ${entriesLine(entries)}`);
  if (committedEntries.length > 0) lines.push(`${id} applies ${entriesLine(committedEntries)}`);
  for (const { context, index } of readStates) lines.push(`${id} may read ${context} at ${index}`);
  return lines;
}

export function statusLine({ applied, commit, id, lastIndex, leader, role, term, vote }: RaftStatus): string {
  const who = `${id} is ${role} term=${term} vote=${vote || 'nobody'} leader=${leader || 'unknown'}`;
  return `${who} commit=${commit} applied=${applied} last=${lastIndex}`;
}
