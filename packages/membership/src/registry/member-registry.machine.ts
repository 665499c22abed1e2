import { compareText, unreachable } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { cmd, event, qry, StateMachine, sub } from '@decoraft/state-machine';
import type {
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
} from '../records.js';
import * as decisions from './decisions.js';
import {
  checkJoin,
  checkName,
  checkRoomForGroups,
  checkRoomForMember,
  MOST_GROUPS_OF_MEMBER,
} from './limits.js';
import { createState, viewOf } from './state.js';

/** Who is there, in which groups, and who leads them. All that decides anything is in here. */
export class MemberRegistry extends StateMachine {
  private readonly state = createState();

  @sub onAnyMemberJoined = event<() => MemberChange>();
  @sub onAnyMemberLeft = event<() => MemberChange>();
  @sub onAnyMemberOnline = event<() => MemberChange>();
  @sub onAnyMemberOffline = event<() => MemberChange>();
  @sub onGroupMemberJoined = event<(group: string) => GroupMemberChange>();
  @sub onGroupMemberLeft = event<(group: string) => GroupMemberChange>();
  @sub onGroupMemberOnline = event<(group: string) => GroupMemberChange>();
  @sub onGroupMemberOffline = event<(group: string) => GroupMemberChange>();
  @sub onGroupLeaderChanged = event<(group: string) => GroupLeaderChange>();
  @sub onAnyGroupCreated = event<() => GroupChange>();
  @sub onAnyGroupDeleted = event<() => GroupChange>();

  /** Everything that happens, all changes of one command together: what an observer follows. */
  @sub onChanges = event<() => MembershipChanges>();

  /**
   * A process becomes a member, online, in the groups that it names, which are created where they are missing. Under an
   * id that is a member's already, a new life of that member begins: the last one is offline from this moment on, its
   * beats and its calls count no more.
   */
  @cmd join(request: JoinRequest): JoinAnswer {
    checkJoin(request);
    const { index } = this.context;
    const { groups, id = `member-${index}` } = request;
    if (!this.state.members.has(id)) checkRoomForMember(this.state);
    checkRoomForGroups(this.state, groups);
    const member = this.change((transaction) =>
      decisions.join(transaction, request, { id, incarnation: index }),
    );
    return { version: this.state.version, member };
  }

  /** The member is one no more. Of no effect for a life that is over; without an incarnation, whichever it is. */
  @cmd leave(id: string, incarnation?: number): MembershipAnswer {
    const member = this.state.members.get(id);
    const isMeant = member && (incarnation === undefined || member.incarnation === incarnation);
    return this.answer((transaction) => {
      if (isMeant) decisions.leave(transaction, id);
    });
  }

  @cmd createGroup(group: string): MembershipAnswer {
    checkName('the name of a group', group);
    checkRoomForGroups(this.state, [group]);
    return this.answer((transaction) => decisions.createGroup(transaction, group));
  }

  /** All of its members leave it. */
  @cmd deleteGroup(group: string): MembershipAnswer {
    return this.answer((transaction) => decisions.deleteGroup(transaction, group));
  }

  /** Creates the group where it is missing. */
  @cmd joinGroup(life: Life, group: string): MembershipAnswer {
    const { groups } = this.living(life);
    checkName('the name of a group', group);
    checkRoomForGroups(this.state, [group]);
    if (groups.length >= MOST_GROUPS_OF_MEMBER && !groups.includes(group)) {
      throw new DecoraftError('Overloaded', `${life.id} is in ${groups.length} groups already`);
    }
    return this.answer((transaction) => decisions.joinGroup(transaction, life.id, group));
  }

  @cmd leaveGroup(life: Life, group: string): MembershipAnswer {
    this.living(life);
    return this.answer((transaction) => decisions.leaveGroup(transaction, life.id, group));
  }

  /**
   * Takes members offline that were silent for their whole timeout. Proposed by the leader only, which says in which
   * term it missed them: under another one, others may have heard of them. Nobody goes who has come back meanwhile, or
   * whose time is not up by the time of the log.
   */
  @cmd markOffline(term: number, silent: readonly Silence[]): MembershipAnswer {
    const { term: currentTerm, time } = this.context;
    return this.answer((transaction) => {
      if (term !== currentTerm) return;
      for (const { id, incarnation, lastSeenMs, onlineVersion } of silent) {
        const member = this.state.members.get(id);
        if (!member?.isOnline) continue;
        if (member.incarnation !== incarnation || member.onlineVersion !== onlineVersion) continue;
        if (time - lastSeenMs >= member.timeoutMs) decisions.takeOffline(transaction, member);
      }
    });
  }

  /** Brings members back who beat again. Proposed by the leader only, in the term in which it heard of them. */
  @cmd markOnline(term: number, heard: readonly Life[]): MembershipAnswer {
    const { term: currentTerm } = this.context;
    return this.answer((transaction) => {
      if (term !== currentTerm) return;
      for (const { id, incarnation } of heard) {
        const member = this.state.members.get(id);
        if (member && !member.isOnline && member.incarnation === incarnation) {
          decisions.bringOnline(transaction, member);
        }
      }
    });
  }

  /** All of it at one version. */
  @qry view(): MembershipView {
    return viewOf(this.state);
  }

  @qry members(): { version: number; members: readonly MemberRecord[] } {
    const { members, version } = viewOf(this.state);
    return { version, members };
  }

  @qry member(id: string): { version: number; member: MemberRecord | undefined } {
    const { members, version } = this.state;
    return { version, member: members.get(id) };
  }

  @qry groups(): { version: number; groups: readonly GroupRecord[] } {
    const { groups, version } = viewOf(this.state);
    return { version, groups };
  }

  /** In the order of their ids; none in a group that there is not. */
  @qry groupMembers(group: string): { version: number; members: readonly MemberRecord[] } {
    const { groups, members, version } = this.state;
    const ids = (groups.get(group)?.members ?? []).toSorted(compareText);
    return { version, members: ids.flatMap((id) => members.get(id) ?? []) };
  }

  /** Who leads the group; nobody where none of its members is online. */
  @qry groupLeader(group: string): { version: number; leader: MemberRecord | undefined } {
    const { groups, members, version } = this.state;
    return { version, leader: members.get(groups.get(group)?.leader ?? '') };
  }

  /** For the leader, in its own process. */
  get version(): number {
    return this.state.version;
  }

  record(id: string): MemberRecord | undefined {
    return this.state.members.get(id);
  }

  /** The members whose beats are to be watched. */
  online(): readonly MemberRecord[] {
    return [...this.state.members.values()].filter(({ isOnline }) => isOnline);
  }

  private living({ id, incarnation }: Life): MemberRecord {
    const member = this.state.members.get(id);
    if (member?.incarnation === incarnation) return member;
    throw new DecoraftError(
      'NotFound',
      `${id} is no member any more in the life that began at ${incarnation}`,
    );
  }

  private answer(decide: (transaction: decisions.Transaction) => void): MembershipAnswer {
    const before = this.state.version;
    this.change(decide);
    const { version } = this.state;
    return { version, changed: version !== before };
  }

  private change<Result>(decide: (transaction: decisions.Transaction) => Result): Result {
    const transaction = new decisions.Transaction(this.state, this.context.time);
    const result = decide(transaction);
    const { changes } = transaction;
    for (const change of changes) this.tell(change);
    if (changes.length > 0) this.onChanges().notify({ version: this.state.version, changes });
    return result;
  }

  private tell(change: MembershipChange): void {
    switch (change.kind) {
      case 'member-joined':
        return this.onAnyMemberJoined().notify(change);
      case 'member-left':
        return this.onAnyMemberLeft().notify(change);
      case 'member-online':
        return this.onAnyMemberOnline().notify(change);
      case 'member-offline':
        return this.onAnyMemberOffline().notify(change);
      case 'group-member-joined':
        return this.onGroupMemberJoined(change.group).notify(change);
      case 'group-member-left':
        return this.onGroupMemberLeft(change.group).notify(change);
      case 'group-member-online':
        return this.onGroupMemberOnline(change.group).notify(change);
      case 'group-member-offline':
        return this.onGroupMemberOffline(change.group).notify(change);
      case 'group-leader-changed':
        return this.onGroupLeaderChanged(change.group).notify(change);
      case 'group-created':
        return this.onAnyGroupCreated().notify(change);
      case 'group-deleted':
        return this.onAnyGroupDeleted().notify(change);
      default:
        return unreachable(change);
    }
  }
}
