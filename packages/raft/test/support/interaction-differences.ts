/** Where our core differs from etcd's in one of its published scripts, and why. */
export interface KnownDifference {
  readonly because: string;
  /**
   * Commands whose output is not compared line by line: only what they leave behind, at the end of the script. Without
   * them the script is not run: it asks for what our core has not.
   */
  readonly commands?: readonly string[];
}

const EARLY_CHANGE =
  'a new leader takes no change before its first entry is applied: the adapter keeps it until then';
const ONE_REQUEST =
  'requests are written when a ready is taken: what is appended and who is added by the same input leaves in one';
const NOTHING_TWICE =
  'some versions tell a peer that has just caught up what is committed once more, though it was told';

/** By the names of the files. */
export const KNOWN_DIFFERENCES: Readonly<Record<string, KnownDifference>> = {
  'async_storage_writes_apply_nonlocally_committed.txt': {
    because: 'nothing is applied before it is durable here, and no option changes that',
    commands: ['process-ready 1', 'stabilize 1'],
  },
  'campaign_now_lease.txt': { because: 'its command was only proposed for etcd, as far as we know' },
  'commit_index_regression.txt': {
    because:
      'it makes a disk lose what was durable, by an option that was only proposed for etcd, as far as we know',
  },
  'confchange_disable_validation.txt': {
    because: 'what a change would be is always tried first: an impossible one would stop every server',
  },
  'confchange_v1_add_single.txt': { because: EARLY_CHANGE, commands: ['stabilize'] },
  'confchange_v2_add_double_auto.txt': {
    because: `${EARLY_CHANGE}; ${ONE_REQUEST}`,
    commands: ['process-ready 1', 'stabilize 1', 'stabilize 1 2', 'stabilize 1 3'],
  },
  'confchange_v2_add_double_implicit.txt': {
    because: `${EARLY_CHANGE}; ${ONE_REQUEST}`,
    commands: ['stabilize 1 2'],
  },
  'confchange_v2_add_single_auto.txt': { because: EARLY_CHANGE, commands: ['stabilize'] },
  'confchange_v2_add_single_explicit.txt': { because: EARLY_CHANGE, commands: ['stabilize 1 2'] },
  'heartbeat_resp_recovers_from_probing.txt': {
    because:
      'in some versions a probe leaves with a heartbeat, in others, as in ours, when that was answered',
    commands: ['stabilize'],
  },
  'probe_and_replicate.txt': {
    because: NOTHING_TWICE,
    commands: ['stabilize 1 3', 'stabilize 1 5', 'stabilize 1 6', 'stabilize 1 7'],
  },
  'snapshot_succeed_via_app_resp.txt': {
    because: `${NOTHING_TWICE}, and do not count what a snapshot under way brings`,
    commands: ['status 1', 'stabilize 1', 'stabilize'],
  },
};
