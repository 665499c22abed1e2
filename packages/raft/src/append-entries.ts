import { index } from './ids.js';
import type { AppendRequest } from './message.js';
import { envelope, type RaftState } from './state.js';

/** AppendEntries on its receiver (figure 2). The answer leaves when what it says is durable. */
export function handleAppendRequest(state: RaftState, request: AppendRequest): void {
  const { log, responses } = state;
  const { entries, previousIndex, previousTerm } = request;
  const head = envelope(state, request.from);
  if (!isConsecutive(request)) {
    state.logger.log('error', 'a leader sent entries with a gap', { from: request.from, previousIndex });
    return;
  }
  // An old request. What is committed matches, by definition.
  if (previousIndex < log.committed) {
    responses.push({ kind: 'append-response', ...head, rejected: false, matchIndex: log.committed });
    return;
  }
  const previous = { index: previousIndex, term: previousTerm };
  if (!log.matches(previous)) {
    const { index: hintIndex, term: hintTerm } = log.findConflictByTerm(previous);
    const rejection = { rejected: true, rejectedIndex: previousIndex, hintIndex, hintTerm } as const;
    responses.push({ kind: 'append-response', ...head, ...rejection });
    return;
  }
  log.merge(entries);
  // Behind it, this log may hold entries that the leader does not have: they are not meant by its commit index.
  const matchIndex = index(previousIndex + entries.length);
  log.commitTo(index(Math.min(request.commit, matchIndex)));
  responses.push({ kind: 'append-response', ...head, rejected: false, matchIndex });
}

function isConsecutive({ entries, previousIndex }: AppendRequest): boolean {
  return entries.every((entry, at) => entry.index === previousIndex + 1 + at);
}
