/** A member, as it is at one version of the membership. */
export interface MemberRecord {
  readonly id: string;
  /** Where it is reached, as it said itself: nobody here connects to it. */
  readonly address: string;
  /** What it says of itself. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Whether it beats, as far as the log has heard. */
  readonly isOnline: boolean;
  /** The groups that it has joined, in that order. */
  readonly groups: readonly string[];
  /** Of one life of the member: the log index at which it joined. Grows with each join under the same id. */
  readonly incarnation: number;
  /** After so many milliseconds without a beat it is taken offline. */
  readonly timeoutMs: number;
  /** The version at which the id became a member's. */
  readonly joinedVersion: number;
  /** The version at which it came online the last time. */
  readonly onlineVersion: number;
  /** The log time at which it came online, or went offline, the last time. */
  readonly sinceMs: number;
}

/** A group, as it is at one version of the membership. */
export interface GroupRecord {
  readonly name: string;
  /** The ids of its members, online or not, in the order in which they joined. */
  readonly members: readonly string[];
  /** The id of its leader; missing while none of its members is online. */
  readonly leader?: string;
  /** The version at which it was created. */
  readonly createdVersion: number;
}

/** What happened to a member: with its record as it is behind the change, or as it was where it has left. */
export interface MemberChange {
  readonly kind: 'member-joined' | 'member-left' | 'member-online' | 'member-offline';
  readonly version: number;
  readonly member: MemberRecord;
}

/** The same, of a member in one of its groups. */
export interface GroupMemberChange {
  readonly kind: 'group-member-joined' | 'group-member-left' | 'group-member-online' | 'group-member-offline';
  readonly version: number;
  readonly group: string;
  readonly member: MemberRecord;
}

/** Another member leads a group, or none does. */
export interface GroupLeaderChange {
  readonly kind: 'group-leader-changed';
  readonly version: number;
  readonly group: string;
  /** The id of the member that leads now; missing where none does. */
  readonly leader?: string;
  /** The id of the one before; missing where none did. */
  readonly previous?: string;
}

/** A group came or went. */
export interface GroupChange {
  readonly kind: 'group-created' | 'group-deleted';
  readonly version: number;
  readonly group: string;
}

/** Everything that can happen to a membership: eleven kinds, each with a version of its own, one more than the last. */
export type MembershipChange = MemberChange | GroupMemberChange | GroupLeaderChange | GroupChange;

/** All changes of one command, in the order of their versions. */
export interface MembershipChanges {
  /** That of the last one. */
  readonly version: number;
  readonly changes: readonly MembershipChange[];
}

/** How a command ended. */
export interface MembershipAnswer {
  /** The membership's version behind the command. */
  readonly version: number;
  /** False where there was nothing to do. */
  readonly changed: boolean;
}

/** What a process says that joins. */
export interface JoinRequest {
  /** One that nobody has is drawn where none is given. */
  readonly id?: string;
  readonly address: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly groups: readonly string[];
  readonly timeoutMs: number;
}

/** The new member. */
export interface JoinAnswer {
  readonly version: number;
  readonly member: MemberRecord;
}

/** One life of a member. */
export interface Life {
  readonly id: string;
  readonly incarnation: number;
}

/** A member that the leader has not heard of for its whole timeout. */
export interface Silence extends Life {
  /** Since when it was online, as far as the leader knew: one that has come back meanwhile is another matter. */
  readonly onlineVersion: number;
  /** When it was heard of the last time, on the clock that stamps the log. */
  readonly lastSeenMs: number;
}

/** The whole membership at one version. */
export interface MembershipView {
  readonly version: number;
  /** In the order of their ids. */
  readonly members: readonly MemberRecord[];
  /** In the order of their names. */
  readonly groups: readonly GroupRecord[];
}
