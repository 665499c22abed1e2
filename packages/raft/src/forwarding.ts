import { CodedError, messageOf } from '@decoraft/base';
import { proposeConfigurationChange } from './configuration.js';
import { decodeConfigurationChange } from './configuration-codec.js';
import type { ProposedEntry, ProposeRequest } from './message.js';
import { proposeEntries } from './proposals.js';
import type { RaftState } from './state.js';
import type { ConfigurationChangeResult, ProposeResult } from './status.js';

/**
 * A follower's proposals, on its leader. They were passed on once: one who leads no more does not send them after the
 * next leader, so that nothing circles and nothing is appended long after its proposer gave up (checklist C42). Those
 * that are refused are dropped; their proposer has a limit for its wait.
 */
export function handleProposeRequest(state: RaftState, { entries, from }: ProposeRequest): void {
  if (state.role !== 'leader' || !state.settings.proposalForwarding || entries.length === 0) return;
  try {
    const result = proposeAll(state, entries);
    if (!result.ok) state.logger.log('warn', `proposals of ${from} were refused: ${result.reason}`);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    state.logger.log('warn', `a proposal of ${from} was refused: ${messageOf(error)}`);
  }
}

/** A change of the members stands alone. */
function proposeAll(
  state: RaftState,
  entries: readonly ProposedEntry[],
): ProposeResult | ConfigurationChangeResult {
  const change = entries.find(({ kind }) => kind === 'configuration');
  if (!change) return proposeEntries(state, entries);
  if (entries.length > 1) throw new CodedError('InvalidArgument', 'a change of the members stands alone');
  return proposeConfigurationChange(state, decodeConfigurationChange(change.data));
}
