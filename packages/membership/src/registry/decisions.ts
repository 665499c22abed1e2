import { compareText } from '@decoraft/base';
import type { GroupRecord, JoinRequest, Life, MemberRecord, MembershipChange } from '../records.js';
import { applyChange, type MembershipState } from './state.js';

/** A change before it has its version. */
type Unversioned<Change> = Change extends MembershipChange ? Omit<Change, 'version'> : never;

/**
 * One command's way through the membership: what is decided here is applied at once, by the same function with which
 * others follow, and noted with its version. All functions of this file are given one.
 */
export class Transaction {
  readonly changes: MembershipChange[] = [];

  /** @param nowMs The time of the log. */
  constructor(
    readonly state: MembershipState,
    readonly nowMs: number,
  ) {}

  get nextVersion(): number {
    return this.state.version + 1;
  }

  record(change: Unversioned<MembershipChange>): void {
    const versioned = { ...change, version: this.nextVersion } as MembershipChange;
    applyChange(this.state, versioned);
    this.changes.push(versioned);
  }
}

/**
 * A member comes, or comes back: then its last life ends first, and what it said before counts no more. It is in the
 * groups that it names, and in no others.
 */
export function join(
  transaction: Transaction,
  { address, groups, metadata, timeoutMs }: JoinRequest,
  { id, incarnation }: Life,
): MemberRecord {
  const known = transaction.state.members.get(id);
  const { nextVersion } = transaction;
  if (!known) {
    const member: MemberRecord = {
      id,
      address,
      metadata,
      isOnline: true,
      groups: [],
      incarnation,
      timeoutMs,
      joinedVersion: nextVersion,
      onlineVersion: nextVersion,
      sinceMs: transaction.nowMs,
    };
    transaction.record({ kind: 'member-joined', member });
  } else {
    if (known.isOnline) takeOffline(transaction, known);
    for (const group of known.groups) if (!groups.includes(group)) leaveGroup(transaction, id, group);
    const away = memberOf(transaction, id);
    bringOnline(transaction, { ...away, address, metadata, incarnation, timeoutMs });
  }
  for (const group of groups) joinGroup(transaction, id, group);
  return memberOf(transaction, id);
}

export function leave(transaction: Transaction, id: string): void {
  for (const group of memberOf(transaction, id).groups) leaveGroup(transaction, id, group);
  transaction.record({ kind: 'member-left', member: memberOf(transaction, id) });
}

export function createGroup(transaction: Transaction, group: string): void {
  if (!transaction.state.groups.has(group)) transaction.record({ kind: 'group-created', group });
}

/** Its members leave it first. */
export function deleteGroup(transaction: Transaction, name: string): void {
  const group = transaction.state.groups.get(name);
  if (!group) return;
  // Nobody takes over what is about to end.
  setLeader(transaction, name, undefined);
  for (const id of group.members) removeFromGroup(transaction, id, name);
  transaction.record({ kind: 'group-deleted', group: name });
}

/** Creates the group where there is none. */
export function joinGroup(transaction: Transaction, id: string, group: string): void {
  const member = memberOf(transaction, id);
  if (member.groups.includes(group)) return;
  createGroup(transaction, group);
  const joined = { ...member, groups: [...member.groups, group] };
  transaction.record({ kind: 'group-member-joined', group, member: joined });
  electLeader(transaction, group);
}

export function leaveGroup(transaction: Transaction, id: string, group: string): void {
  if (!memberOf(transaction, id).groups.includes(group)) return;
  removeFromGroup(transaction, id, group);
  electLeader(transaction, group);
}

export function takeOffline(transaction: Transaction, member: MemberRecord): void {
  const offline = { ...member, isOnline: false, sinceMs: transaction.nowMs };
  transaction.record({ kind: 'member-offline', member: offline });
  for (const group of offline.groups) {
    transaction.record({ kind: 'group-member-offline', group, member: offline });
    electLeader(transaction, group);
  }
}

export function bringOnline(transaction: Transaction, member: MemberRecord): void {
  const { nextVersion, nowMs } = transaction;
  const online = { ...member, isOnline: true, onlineVersion: nextVersion, sinceMs: nowMs };
  transaction.record({ kind: 'member-online', member: online });
  for (const group of online.groups) {
    transaction.record({ kind: 'group-member-online', group, member: online });
    electLeader(transaction, group);
  }
}

function removeFromGroup(transaction: Transaction, id: string, group: string): void {
  const member = memberOf(transaction, id);
  const groups = member.groups.filter((other) => other !== group);
  transaction.record({ kind: 'group-member-left', group, member: { ...member, groups } });
}

/** A leader stays while it is an online member of the group; after it comes the online member with the smallest id. */
function electLeader(transaction: Transaction, name: string): void {
  const { groups, members } = transaction.state;
  const { leader, members: ids } = groups.get(name) as GroupRecord;
  const online = ids.filter((id) => members.get(id)?.isOnline);
  if (leader !== undefined && online.includes(leader)) return;
  setLeader(transaction, name, online.toSorted(compareText)[0]);
}

function setLeader(transaction: Transaction, group: string, leader: string | undefined): void {
  const previous = transaction.state.groups.get(group)?.leader;
  if (leader === previous) return;
  transaction.record({
    kind: 'group-leader-changed',
    group,
    ...(leader !== undefined && { leader }),
    ...(previous !== undefined && { previous }),
  });
}

function memberOf({ state }: Transaction, id: string): MemberRecord {
  return state.members.get(id) as MemberRecord;
}
