import { switchTo } from './configuration.js';
import type { SnapshotMetadata } from './log-store.js';
import type { InstallSnapshotRequest } from './message.js';
import { envelope, type RaftState } from './state.js';
import { membersOf } from './tracker.js';

/** InstallSnapshot on its receiver (§7). The answer leaves when what it says is durable. */
export function handleInstallSnapshotRequest(
  state: RaftState,
  { from, snapshot }: InstallSnapshotRequest,
): void {
  install(state, snapshot);
  const { committed } = state.log;
  const head = envelope(state, from);
  state.responses.push({ kind: 'append-response', ...head, rejected: false, matchIndex: committed });
}

function install(state: RaftState, snapshot: SnapshotMetadata): void {
  const { changesHandedOut, id, log, logger } = state;
  const { configuration, index, term } = snapshot;
  if (index <= log.committed) return;
  if (!membersOf(configuration).has(id)) {
    logger.log('warn', 'a snapshot was ignored: this server is not in its configuration', { index, term });
    return;
  }
  if (log.matches(snapshot)) {
    // All of it is in the log already: that is committed, and applied entry by entry.
    log.commitTo(index);
    return;
  }
  log.restore(snapshot);
  // Changes that are being applied come before the snapshot, whose configuration has them.
  changesHandedOut.length = 0;
  switchTo(state, configuration);
  logger.log('info', 'a snapshot replaces the log', { index, term });
}
