/**
 * Whether a service can be called now. `unknown`: there is none of that name here. Of a Raft group, and of a machine in
 * it, `not-serving` says that the group has no leader that this node knows of, or takes no part; of any, that the node is
 * about to close, or that somebody said so.
 */
export type HealthStatus = 'serving' | 'not-serving' | 'unknown';
