import { stableHash } from '@decoraft/base';
import {
  DecoraftError,
  encodeMembersImage,
  type GroupMember,
  type MemberRecord,
  type MemberRole,
  type MembersImage,
  type MembersUpdate,
} from '@decoraft/protocol';
import type { Configuration } from '@decoraft/raft';
import { AddressHints } from './address-hints.js';

/**
 * Who belongs to the group, and where each is reached: what the configuration entries said up to the applied index.
 * Who of them has a vote is the core's to know. Part of the replicated state: only the apply loop changes it.
 */
export class Members {
  readonly #records = new Map<string, MemberRecord>();
  readonly #retired = new Set<string>();
  /** Where servers are reached that this one has not applied the entry of yet. */
  readonly #hints: AddressHints;
  #clusterId = '';

  /** @param hints What this server was told when it started: addresses by id. */
  constructor(hints: ReadonlyMap<string, string> = new Map()) {
    this.#hints = new AddressHints(hints);
  }

  /** The name of the cluster; empty while this server has applied nothing. */
  get clusterId(): string {
    return this.#clusterId;
  }

  get all(): readonly MemberRecord[] {
    return [...this.#records.values()];
  }

  get(id: string): MemberRecord | undefined {
    return this.#records.get(id);
  }

  /** The configuration always wins; one who was removed is not reached any more, whatever it says. */
  addressOf(id: string): string | undefined {
    if (this.#retired.has(id)) return undefined;
    return this.#records.get(id)?.address ?? this.#hints.get(id);
  }

  /** A server of this cluster said where it is reached: remembered while no applied entry names it. */
  heardOf(id: string, address: string): void {
    if (address !== '' && !this.#records.has(id) && !this.#retired.has(id)) this.#hints.heard(id, address);
  }

  /** Whether a member of this name was removed: then no other may take it (checklist C9, C45). */
  isRetired(id: string): boolean {
    return this.#retired.has(id);
  }

  /** Whether this disk is not the one that the group knows of the member: then it is another server (C45). */
  isOtherDisk(id: string, disk: number): boolean {
    const known = this.#records.get(id)?.disk ?? 0;
    return known !== 0 && disk !== known;
  }

  /** What a configuration entry said. */
  update({ clusterId, members }: MembersUpdate): void {
    if (clusterId !== undefined) this.#clusterId = clusterId;
    for (const member of members) {
      this.#records.set(member.id, member);
      this.#retired.delete(member.id);
    }
  }

  /** A configuration entry made `after` of `before`: who is in it no more is gone for good. */
  retire(before: Configuration, after: Configuration): void {
    const remaining = new Set(idsOf(after));
    for (const id of idsOf(before)) {
      if (remaining.has(id)) continue;
      this.#records.delete(id);
      this.#retired.add(id);
    }
  }

  encode(): Uint8Array {
    return encodeMembersImage({
      clusterId: this.#clusterId,
      members: this.all,
      retired: [...this.#retired],
    });
  }

  restore({ clusterId, members, retired }: MembersImage): void {
    this.#clusterId = clusterId;
    this.#records.clear();
    this.#retired.clear();
    for (const member of members) this.#records.set(member.id, member);
    for (const id of retired) this.#retired.add(id);
  }
}

/** The number by which servers of one cluster know each other's messages. */
export function fingerprintOf(clusterId: string): number {
  return stableHash(clusterId);
}

/** Everybody in the configuration, in whatever role. */
export function idsOf(configuration: Configuration): readonly string[] {
  const { learners, learnersNext, voters, votersOutgoing } = configuration;
  return [...new Set<string>([...voters, ...votersOutgoing, ...learners, ...learnersNext])];
}

/** The members with their roles, for whoever asks. */
export function listMembers(members: Members, configuration: Configuration): readonly GroupMember[] {
  return idsOf(configuration)
    .toSorted()
    .map((id) => ({ id, address: members.addressOf(id) ?? '', role: roleOf(id, configuration) }));
}

function roleOf(id: string, { voters, votersOutgoing }: Configuration): MemberRole {
  const isIncoming = (voters as readonly string[]).includes(id);
  const isOutgoing = (votersOutgoing as readonly string[]).includes(id);
  if (isIncoming && (isOutgoing || votersOutgoing.length === 0)) return 'voter';
  if (isIncoming) return 'joining';
  return isOutgoing ? 'leaving' : 'learner';
}

/**
 * Checks that a server may join, or join again after an answer was lost.
 *
 * @throws DecoraftError `InvalidArgument` for an empty id or address, an id that was retired, an address of another
 * member; `ClusterMismatch` for a member that comes with another disk.
 */
export function checkJoining(members: Members, joining: MemberRecord): void {
  const { address, disk, id } = joining;
  if (id === '' || address === '')
    throw new DecoraftError('InvalidArgument', 'a member needs an id and an address');
  if (members.isRetired(id)) {
    throw new DecoraftError(
      'InvalidArgument',
      `${id} was removed from this cluster: ids are never used again, take another`,
    );
  }
  if (members.isOtherDisk(id, disk)) throw otherDisk(id);
  if (members.get(id)?.disk === 0) {
    throw new DecoraftError('InvalidArgument', `${id} is a member already, and was not heard of yet`);
  }
  const owner = members.all.find((member) => member.address === address && member.id !== id);
  if (owner && owner.id !== joining.replaces) {
    throw new DecoraftError('InvalidArgument', `${owner.id} has the address ${address} already`);
  }
}

/** A server that lost its disk has forgotten what it promised: votes, and entries that it acknowledged. */
export function otherDisk(id: string): DecoraftError {
  return new DecoraftError(
    'ClusterMismatch',
    `${id} is known with another disk: a node that lost its disk has to join under a new id, replacing ${id}`,
  );
}
