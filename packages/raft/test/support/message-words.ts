import { type Entry, index, type Message, nodeId, term } from '../../src/index.js';
import { configurationFrom } from './configuration-words.js';
import { bytes } from './words.js';

/** A message written as in a trace: `a->b append-request term=2 previous=1/1 entries=2/2:x,3/2:y commit=1`. */
export function messageOf(arrow: string, [kind = '', ...words]: readonly string[]): Message {
  const [from = '', to = ''] = arrow.split('->');
  const fields = new Map(
    words.map((word): [string, string] => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']),
  );
  const text = (name: string): string => fields.get(name) ?? '';
  const number = (name: string): number => Number(fields.get(name) ?? 0);
  const head = { from: nodeId(from), to: nodeId(to), term: term(number('term')) };
  const last = positionOf(text('last'));
  const granted = fields.has('granted');
  switch (kind) {
    case 'vote-request': {
      const rest = { transfer: fields.has('transfer'), priority: number('priority') };
      return { kind, ...head, lastIndex: last.index, lastTerm: last.term, ...rest };
    }
    case 'pre-vote-request':
      return { kind, ...head, lastIndex: last.index, lastTerm: last.term, priority: number('priority') };
    case 'vote-response':
    case 'pre-vote-response': {
      const commit = positionOf(text('commit') || '0/0');
      return { kind, ...head, granted, commit: commit.index, commitTerm: commit.term };
    }
    case 'append-request': {
      const previous = positionOf(text('previous'));
      const entries = text('entries').split(',').filter(Boolean).map(entryOf);
      const commit = index(number('commit'));
      return { kind, ...head, previousIndex: previous.index, previousTerm: previous.term, entries, commit };
    }
    case 'append-response': {
      if (fields.has('match')) return { kind, ...head, rejected: false, matchIndex: index(number('match')) };
      const hint = positionOf(text('hint'));
      const rejectedIndex = index(number('rejected'));
      return { kind, ...head, rejected: true, rejectedIndex, hintIndex: hint.index, hintTerm: hint.term };
    }
    case 'heartbeat':
      return { kind, ...head, commit: index(number('commit')), readSequence: number('read') };
    case 'heartbeat-response':
      return { kind, ...head, readSequence: number('read') };
    case 'read-index-request':
      return {
        kind,
        ...head,
        context: number('context'),
        proof: text('proof') === 'lease' ? 'lease' : 'round',
      };
    case 'read-index-response':
      return { kind, ...head, context: number('context'), index: index(number('index')) };
    case 'install-snapshot-request': {
      const configuration = configurationFrom(text('members').replaceAll(',', ' '));
      return { kind, ...head, snapshot: { ...positionOf(text('snapshot')), configuration } };
    }
    case 'timeout-now':
      return { kind, ...head };
    case 'transfer-request':
      return { kind, ...head, transferee: nodeId(text('transferee')) };
    case 'propose-request': {
      const data = text('entries').split(',');
      return { kind, ...head, entries: data.map((one) => ({ kind: 'normal', data: bytes(one) })) };
    }
    default:
      throw new Error(`there is no message ${kind}`);
  }
}

function positionOf(word: string): Pick<Entry, 'index' | 'term'> {
  const [at, inTerm] = word.split('/');
  return { index: index(Number(at ?? 0)), term: term(Number(inTerm ?? 0)) };
}

function entryOf(word: string): Entry {
  const [position = '', data = ''] = word.split(':');
  return { ...positionOf(position), kind: 'normal', data: bytes(data === '-' ? '' : data) };
}
