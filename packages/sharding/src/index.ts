/**
 * # Sharding
 *
 * A key space over many owners: the members of a group, or several Raft groups. Read `ring.ts` first, with `score.ts`: who
 * owns which key is a pure function of members and weights, and `moved.ts` compares two of them. `live-ring.ts` is a ring
 * that changes: `shard-ring.ts` is that over a group of the membership, `sharded-client.ts` that over Raft groups, with a
 * generated client for each. `weights/` is the machine that the weights are in, written as a user's would be, and
 * `follower.ts` there keeps them up to date in a client. It runs in a browser as it does in Node; `server/`, what nodes
 * register, is an entry of its own.
 *
 * What is not here: the moving of data. Who owns a key is known everywhere at once, or nearly; whether its value is there
 * already only its owner can say. And no command over several groups.
 */
export {
  type KeyMoved,
  LiveRing,
  type Owners,
  type Ownership,
  type RangeMoved,
  type RingChange,
  type RingState,
  type RingVersion,
  type Stop,
} from './live-ring.js';
export { moved, type MovedRange, type SlotRange, slotsIn } from './moved.js';
export { HashRing, type RingMember, SLOT_COUNT, slotOf } from './ring.js';
export { ShardRing, type ShardRingOptions } from './shard-ring.js';
export {
  type ClientClass,
  type FollowedOptions,
  followWeights,
  sharded,
  type ShardedClient,
  type ShardedOptions,
} from './sharded-client.js';
export { ShardWeightsClient } from './weights/generated/shard-weights.client.js';
export { weighted, type WeightRecord, type WeightsView } from './weights/records.js';
