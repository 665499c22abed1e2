import type { Message } from '@decoraft/raft';
import { readFrames } from '@decoraft/rpc';
import { tapRaft } from './raft-tap.js';
import type { TraceEvent } from './trace.js';

/** What a message is: those of Raft in words, the rest by the kinds of its frames. */
function describeMessage(bytes: Uint8Array): string {
  const words: string[] = [];
  try {
    tapRaft(bytes, (message) => words.push(describeRaft(message)));
    readFrames(bytes, ({ kind }) => {
      if (kind !== 'send') words.push(kind);
      return true;
    });
  } catch {
    words.push('unreadable');
  }
  return `${words.join(', ')} (${bytes.length} bytes)`;
}

function describeRaft(message: Message): string {
  const { from, kind, term, to } = message;
  return `${kind} ${from}→${to} term ${term}${detailsOf(message)}`;
}

function detailsOf(message: Message): string {
  switch (message.kind) {
    case 'append-request':
      return ` ${message.entries.length} entries behind ${message.previousIndex}, commit ${message.commit}`;
    case 'append-response':
      return message.rejected ? ' rejected' : ` matches ${message.matchIndex}`;
    case 'vote-response':
    case 'pre-vote-response':
      return message.granted ? ' granted' : ' refused';
    default:
      return '';
  }
}

/** One line for a person: when, on which process, what. */
export function describeEvent({ detail, kind, process, timeMs }: TraceEvent): string {
  const words = [timeMs.toFixed(3).padStart(12), process.padEnd(9), kind];
  if (typeof detail === 'string') words.push(detail);
  else if (detail) words.push(describeMessage(detail));
  return words.join(' ');
}
