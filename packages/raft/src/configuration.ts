import { changeConfiguration, type ConfigurationChange, isJoint } from './configuration-change.js';
import { decodeConfigurationChange, encodeConfigurationChange } from './configuration-codec.js';
import type { Configuration, Entry } from './entry.js';
import { type Index, index, NOBODY } from './ids.js';
import { abortTransfer } from './leadership-transfer.js';
import { appendOwn, forward, mayForward, refusalOf } from './proposals.js';
import { releaseProvenReads } from './reads.js';
import { maybeCommit } from './replication.js';
import { becomeFollower } from './roles.js';
import type { RaftState } from './state.js';
import type { ConfigurationChangeRefusal, ConfigurationChangeResult } from './status.js';

const LEAVE_JOINT = encodeConfigurationChange({
  transition: 'auto',
  changes: [],
  context: new Uint8Array(0),
});

/**
 * Appends a change of the members, where no other may be pending (thesis §4.1). It takes effect when it is applied,
 * as in etcd: every server changes over behind a commit, so of two configurations in effect at the same time one
 * follows the other, and their majorities overlap.
 *
 * @throws CodedError `InvalidArgument` for a change that the configuration does not allow.
 */
export function proposeConfigurationChange(
  state: RaftState,
  change: ConfigurationChange,
): ConfigurationChangeResult {
  const data = encodeConfigurationChange(change);
  if (mayForward(state)) return forward(state, [{ kind: 'configuration', data }]);
  const reason = refusalOf(state, data.length) ?? changeRefusalOf(state, change);
  if (reason) return { ok: false, reason };
  // What cannot be applied must never get into the log: it would stop every server.
  changeConfiguration(state.tracker.configuration, change);
  return { ok: true, term: state.term, index: appendChange(state, data) };
}

/** Why a change cannot be taken now; of a leader. */
function changeRefusalOf(
  { log, pendingConfigurationIndex, tracker }: RaftState,
  { changes }: ConfigurationChange,
): ConfigurationChangeRefusal | undefined {
  if (pendingConfigurationIndex > log.applied) return 'ConfigurationChangePending';
  const joint = isJoint(tracker.configuration);
  const leaves = changes.length === 0;
  if (joint && !leaves) return 'Joint';
  return !joint && leaves ? 'NotJoint' : undefined;
}

function appendChange(state: RaftState, data: Uint8Array): Index {
  const at = appendOwn(state, [{ kind: 'configuration', data }]);
  state.pendingConfigurationIndex = at;
  return at;
}

/** All up to `at` has been applied: the changes among it are in effect from here on. */
export function applied(state: RaftState, at: Index): void {
  const { changesHandedOut, log } = state;
  log.appliedTo(at);
  for (let entry = changesHandedOut[0]; entry && entry.index <= at; entry = changesHandedOut[0]) {
    changesHandedOut.shift();
    const change = decodeConfigurationChange(entry.data);
    switchTo(state, changeConfiguration(state.tracker.configuration, change));
  }
  maybeLeaveJoint(state);
}

/**
 * The leader leaves a joint configuration that says so, as soon as it is in effect; a new leader, as soon as it has
 * applied the first entry of its own, does what its predecessor did not come to (§6).
 */
function maybeLeaveJoint(state: RaftState): void {
  const { log, pendingConfigurationIndex, role, tracker } = state;
  if (role !== 'leader' || !tracker.configuration.autoLeave || pendingConfigurationIndex > log.applied)
    return;
  appendChange(state, LEAVE_JOINT);
}

/** A configuration is in effect from here on (etcd: switchToConfig). */
export function switchTo(state: RaftState, configuration: Configuration): void {
  const { id, log, settings, term, tracker } = state;
  tracker.configure(configuration);
  state.logger.log('info', 'the configuration changed', { ...configuration });
  if (state.role !== 'leader') return;
  if (!tracker.isVoter(id)) {
    // It led until its removal was committed and applied, and its last readies told the others (thesis §4.2.2).
    becomeFollower(state, term, NOBODY);
    return;
  }
  if (!tracker.isVoter(state.leadTransferee)) abortTransfer(state);
  tracker.refreshProgress(index(Math.max(log.lastIndex, 1)), settings.inflightLimits);
  // A smaller majority may have what the larger one lacked.
  maybeCommit(state);
  releaseProvenReads(state);
}

/** Notes the changes among entries that leave to be applied. */
export function noteChangesHandedOut(state: RaftState, entries: readonly Entry[]): void {
  for (const entry of entries) if (entry.kind === 'configuration') state.changesHandedOut.push(entry);
}
