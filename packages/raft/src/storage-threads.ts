import { applied } from './configuration.js';
import type {
  StorageAppend,
  StorageAppendResponse,
  StorageApplyResponse,
  StorageMessage,
} from './message.js';
import { advance } from './outbox.js';
import type { Ready } from './ready.js';
import type { OutstandingReady, RaftState } from './state.js';

/**
 * # Asynchronous storage writes
 *
 * A driver may leave writing and applying to threads of its own: then the duties of a ready are messages to them, and
 * their replies are stepped like other messages (etcd: AsyncStorageWrites). It is a thin layer: a reply names the
 * write by its number, and does for it what `advance` does for a ready. What that write is worth by then, when parts
 * of it were replaced in the meantime, the log knows: an old reply never speaks for newer entries (checklist C15).
 */
export function throughThreads(state: RaftState, outstanding: OutstandingReady): Ready {
  const { ready } = outstanding;
  const { committedEntries, messages, readStates, softState } = ready;
  const storage: StorageMessage[] = [];
  // Its place in the order is all that it has: it is done as soon as the writes before it are.
  if (isNoWrite(ready)) finishWrites(state, 0);
  else storage.push(appendOf(outstanding));
  const last = committedEntries.at(-1);
  if (last) {
    const reply = { kind: 'storage-apply-response', index: last.index } as const;
    storage.push({ kind: 'storage-apply', entries: committedEntries, reply });
  }
  const told = { messages, readStates, storage, ...(softState && { softState }) };
  return { ...told, entries: [], responses: [], committedEntries: [] };
}

function appendOf({ ready, sequence }: OutstandingReady): StorageAppend {
  const { entries, hardState, responses, snapshot } = ready;
  return {
    kind: 'storage-append',
    ...(snapshot && { snapshot }),
    entries,
    ...(hardState && { hardState }),
    responses,
    reply: { kind: 'storage-append-response', sequence },
  };
}

/** Unknown and repeated numbers change nothing. */
export function handleStorageAppendResponse(state: RaftState, { sequence }: StorageAppendResponse): void {
  finishWrites(state, sequence);
}

/** A reply that comes after that of a later index changes nothing: a snapshot may have overtaken it. */
export function handleStorageApplyResponse(state: RaftState, { index }: StorageApplyResponse): void {
  if (index > state.log.applied) applied(state, index);
}

/** All writes up to this number are durable, and so are those behind them that have nothing to write. */
function finishWrites(state: RaftState, sequence: number): void {
  const { outstanding } = state;
  let oldest = outstanding[0];
  while (oldest && (oldest.sequence <= sequence || isNoWrite(oldest.ready))) {
    advance(state, oldest.ready);
    oldest = outstanding[0];
  }
}

function isNoWrite({ entries, hardState, responses, snapshot }: Ready): boolean {
  return !hardState && !snapshot && entries.length === 0 && responses.length === 0;
}
