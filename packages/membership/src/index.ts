/**
 * # Membership
 *
 * Who is there, in which groups, and who leads them; for any process that has a client, in a browser as in Node. Built
 * with the toolkit's own decorators: what decides anything is a machine like any other, and its client is generated.
 *
 * Read `records.ts` first: members, groups, and the eleven kinds of change, each with its version. `registry/` is the
 * machine: `member-registry.machine.ts` with `decisions.ts` (what follows from a command) and `state.ts` (one step from
 * a version to the next, the same for the machine and for those who follow it). Then the two ends: `member.ts` with
 * `member-beats.ts`, `beat.ts` and `lease.ts` for who is a member; `observer.ts` with `change-listeners.ts` and
 * `change-loop.ts` for who looks on. `failure-detector.ts` and `listening-time.ts` are pure: who was silent for too
 * long. `server/` is what the nodes run, and an entry of its own.
 *
 * What is not here: forgetting. Whoever is offline stays a member until it leaves, or somebody has it leave with the
 * registry's client; ids are for those who come back. Gossip. Who is there is what the group has agreed on, and a
 * member beats to its leader. Members prove to nobody who they are, as no client does yet.
 */
export type { Listener, Stop } from './change-listeners.js';
export { MemberLease } from './heartbeats/lease.js';
export { Member, type MemberEnd, type MemberEvents, type MemberOptions } from './member.js';
export { Observer } from './observer.js';
export { REGISTRY } from './names.js';
export type {
  GroupChange,
  GroupLeaderChange,
  GroupMemberChange,
  GroupRecord,
  JoinAnswer,
  JoinRequest,
  Life,
  MemberChange,
  MemberRecord,
  MembershipAnswer,
  MembershipChange,
  MembershipChanges,
  MembershipView,
  Silence,
} from './records.js';
export { MemberRegistryClient } from './registry/generated/member-registry.client.js';
