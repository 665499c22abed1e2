import type { GroupInfo, GroupMember, MemberRole } from '@decoraft/protocol';

/** A member of the cluster as the node that was asked sees it. */
export interface MemberInfo {
  readonly id: string;
  readonly address: string;
  /** A `learner` follows without a vote; `joining` and `leaving` voters are on their way (§6). */
  readonly role: 'leader' | 'follower' | Exclude<MemberRole, 'voter'>;
}

/** The cluster as the node that was asked sees it. */
export interface ClusterInfo {
  /** The id of the node that answered. */
  readonly node: string;
  /** The id of the leader; `undefined` while none is known. */
  readonly leader: string | undefined;
  /** The term that the node is in. */
  readonly term: number;
  /** The highest index known to be committed. */
  readonly commitIndex: number;
  /** The highest index that the node has applied to its machines. */
  readonly appliedIndex: number;
  /** The highest index in the node's own log; above `commitIndex` while entries wait for a majority. */
  readonly lastIndex: number;
  readonly members: readonly MemberInfo[];
  /** The versions of the machines by name, as the group has agreed on them; empty where it has agreed on none. */
  readonly versions: Readonly<Record<string, number>>;
  /** Later versions that wait until all members can run them, and for whom, in words. Only a leader knows. */
  readonly waiting: readonly string[];
}

/** What a node said of its group, as the user sees it. */
export function clusterInfoOf({ id, machines = [], members, waiting = [], ...info }: GroupInfo): ClusterInfo {
  const { appliedIndex, commitIndex, lastIndex, leader, term } = info;
  const roles = members.map((member) => ({ ...member, role: roleOf(member, leader) }));
  const versions = Object.fromEntries(machines.map(({ name, version }) => [name, version]));
  return {
    node: id,
    leader,
    term,
    commitIndex,
    appliedIndex,
    lastIndex,
    members: roles,
    versions,
    waiting,
  };
}

function roleOf({ id, role }: GroupMember, leader: string | undefined): MemberInfo['role'] {
  if (id === leader) return 'leader';
  return role === 'voter' ? 'follower' : role;
}
