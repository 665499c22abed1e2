/**
 * # Membership on the nodes
 *
 * What the nodes of a group run so that processes can be members: `membership.ts` attaches it, `heartbeats.service.ts`
 * is the service that takes the beats, `vigil.ts` the leader's watch over them, both in `../heartbeats`. What is decided
 * is decided by the machine.
 */
export { Membership, type MembershipOptions } from './membership.js';
export type { HostRaft, HostServer } from '../heartbeats/hosts.js';
