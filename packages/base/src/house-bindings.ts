import { binding } from './binding.js';
import { NO_METADATA } from './no-metadata.js';

/**
 * What the caller has sent beside its arguments: bound around every handler of a service, and around the interceptors
 * that stand around it. Empty elsewhere. Its object has no prototype: every key is only a key.
 */
export const CALL_METADATA = binding(NO_METADATA, 'CALL_METADATA');

/**
 * Whether this node led when the code around this began: when the handler of a service was called (its server's group
 * `main`, where there are several), or a listener of `raft.observe` was told (the group it listens to). `false`
 * elsewhere, also in other programs than a node. It stays what it was while that code waits; `raft.isLeader` says what is
 * true now, and neither says what will be true when an answer arrives: what only a leader may do is decided by a command.
 *
 * Commands and queries cannot read it: a command that asked it would leave another state on every node.
 */
export const IS_LEADER = binding(false, 'IS_LEADER');

/** The id of the member of the cluster's membership for which this code runs; `undefined` where it runs for none. */
export const CURRENT_MEMBER = binding<string | undefined>(undefined, 'CURRENT_MEMBER');
