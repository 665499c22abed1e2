import { compareText, unreachable } from '@decoraft/base';
import type {
  GroupMemberChange,
  GroupRecord,
  MemberChange,
  MemberRecord,
  MembershipChange,
  MembershipView,
} from '../records.js';

/** A membership: in the machine, and in everyone who follows its changes. Records in it are replaced, never changed. */
export interface MembershipState {
  /** Of the last change; 0 before the first. */
  version: number;
  readonly members: Map<string, MemberRecord>;
  readonly groups: Map<string, GroupRecord>;
}

export function createState(): MembershipState {
  return { version: 0, members: new Map(), groups: new Map() };
}

/** Makes `state` what `view` shows. */
export function resetState(state: MembershipState, { groups, members, version }: MembershipView): void {
  state.version = version;
  state.members.clear();
  state.groups.clear();
  for (const member of members) state.members.set(member.id, member);
  for (const group of groups) state.groups.set(group.name, group);
}

export function viewOf({ groups, members, version }: MembershipState): MembershipView {
  return {
    version,
    members: [...members.values()].toSorted((left, right) => compareText(left.id, right.id)),
    groups: [...groups.values()].toSorted((left, right) => compareText(left.name, right.name)),
  };
}

/** One step from a version to the next: for the machine and for those who follow it alike. */
export function applyChange(state: MembershipState, change: MembershipChange): void {
  state.version = change.version;
  switch (change.kind) {
    case 'member-joined':
    case 'member-online':
    case 'member-offline':
    case 'member-left':
      return applyToMember(state, change);
    case 'group-member-joined':
    case 'group-member-left':
    case 'group-member-online':
    case 'group-member-offline':
      return applyToGroupMember(state, change);
    case 'group-leader-changed': {
      const { leader: _previous, ...group } = groupOf(state, change.group);
      const { leader } = change;
      state.groups.set(group.name, leader === undefined ? group : { ...group, leader });
      return;
    }
    case 'group-created': {
      const { group, version } = change;
      state.groups.set(group, { name: group, members: [], createdVersion: version });
      return;
    }
    case 'group-deleted':
      state.groups.delete(change.group);
      return;
    default:
      unreachable(change);
  }
}

function applyToMember({ members }: MembershipState, { kind, member }: MemberChange): void {
  if (kind === 'member-left') members.delete(member.id);
  else members.set(member.id, member);
}

function applyToGroupMember(state: MembershipState, change: GroupMemberChange): void {
  const { kind, member } = change;
  const group = groupOf(state, change.group);
  state.members.set(member.id, member);
  if (kind === 'group-member-joined') {
    state.groups.set(group.name, { ...group, members: [...group.members, member.id] });
  } else if (kind === 'group-member-left') {
    state.groups.set(group.name, { ...group, members: group.members.filter((id) => id !== member.id) });
  }
}

function groupOf(state: MembershipState, name: string): GroupRecord {
  const group = state.groups.get(name);
  if (group) return group;
  throw new Error(`there is no group ${name} at version ${state.version}`);
}
