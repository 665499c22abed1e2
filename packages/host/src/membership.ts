import { type Logger, messageOf } from '@decoraft/base';
import {
  DecoraftError,
  encodeMembersUpdate,
  type MemberRecord,
  type MembersUpdate,
} from '@decoraft/protocol';
import { type NodeId, nodeId, type RaftStatus, type SingleChange } from '@decoraft/raft';
import { checkJoining, type Members } from './members.js';
import type { HostSettings } from './ports.js';

/** What membership needs of the node that it belongs to. */
export interface MembershipNode {
  readonly id: NodeId;
  readonly disk: number;
  readonly members: Members;
  status(): RaftStatus;
  /**
   * Proposes a change of the configuration; resolves when it was applied here. Rejects with `NotLeader`, `Overloaded`
   * while another change is under way, `Unavailable`.
   */
  change(changes: readonly SingleChange[], update: MembersUpdate): Promise<void>;
  /** Resolves when an entry behind the present one was applied. */
  nextApplied(): Promise<void>;
}

/**
 * How servers come and go, on the leader (§6; thesis §4). A server enters as a learner, gets a vote when it has caught
 * up, and takes the place of another in one joint change. Every request may be repeated: it looks at what is there
 * first, and does what is missing.
 */
export class Membership {
  readonly #node: MembershipNode;
  readonly #settings: HostSettings;
  readonly #logger: Logger;
  /** The disks from which members were heard of: written down by the leader once it is sure of them. */
  readonly #disksSeen = new Map<string, number>();
  #isMaintaining = false;

  constructor(node: MembershipNode, settings: HostSettings, logger: Logger) {
    this.#node = node;
    this.#settings = settings;
    this.#logger = logger;
  }

  /** A message of this member came from this disk. */
  sawDisk(id: string, disk: number): void {
    if (!this.#disksSeen.has(id) && this.#node.members.get(id)) this.#disksSeen.set(id, disk);
  }

  /**
   * Takes a server in as a learner; resolves when it is one.
   *
   * @throws DecoraftError `InvalidArgument`, `ClusterMismatch`, or as {@link MembershipNode.change}.
   */
  async join(joining: MemberRecord): Promise<void> {
    const { members } = this.#node;
    for (;;) {
      checkJoining(members, joining);
      const known = members.get(joining.id);
      const isVoter = this.#isVoter(joining.id);
      if (known && known.address === joining.address && (isVoter || known.promote === joining.promote))
        return;
      const kind = isVoter ? 'add-voter' : 'add-learner';
      await this.#changeInTurn([{ kind, id: nodeId(joining.id) }], { members: [joining] });
    }
  }

  /**
   * Removes a member for good; resolves when it is out, also when it was before.
   *
   * @throws DecoraftError `NotFound` for who never was a member, `InvalidArgument` for the last voter, or as
   *   {@link MembershipNode.change}.
   */
  async remove(id: string): Promise<void> {
    const { members } = this.#node;
    if (!members.get(id) && !members.isRetired(id)) {
      throw new DecoraftError('NotFound', `no member of the cluster has the id ${JSON.stringify(id)}`);
    }
    while (members.get(id)) {
      const { voters } = this.#node.status().configuration;
      if (voters.length === 1 && this.#isVoter(id)) {
        throw new DecoraftError('InvalidArgument', `${id} is the last voter: the cluster would end with it`);
      }
      await this.#changeInTurn([{ kind: 'remove', id: nodeId(id) }], { members: [] });
    }
  }

  /**
   * Registers the disk of a member that is to begin with it (see `admission.ts`); resolves with whether it is the
   * member's disk. Rejects as {@link MembershipNode.change}.
   */
  async register(id: string, disk: number): Promise<boolean> {
    const { members } = this.#node;
    for (;;) {
      const member = members.get(id);
      if (!member || (this.#disksSeen.get(id) ?? disk) !== disk) return false;
      if (member.disk !== 0) return member.disk === disk;
      try {
        await this.#node.change([this.#nothing()], { members: [{ ...member, disk }] });
      } catch (thrown) {
        if (!isUnderWay(thrown)) throw thrown;
        // What is applied meanwhile may be another disk of this member.
        await this.#node.nextApplied();
      }
    }
  }

  /** To be called now and then on the leader: promotes learners that caught up, and writes down disks. */
  maintain(): void {
    if (this.#isMaintaining) return;
    const work = this.#nextPromotion() ?? this.#nextDisks();
    if (!work) return;
    this.#isMaintaining = true;
    this.#node
      .change(work.changes, work.update)
      .catch((thrown: unknown) => {
        this.#logger.log('debug', 'a change of the members waits', { reason: messageOf(thrown) });
      })
      .finally(() => (this.#isMaintaining = false));
  }

  /** A learner that is to have a vote and has nearly all entries; whom it replaces leaves in the same change. */
  #nextPromotion():
    { readonly changes: readonly SingleChange[]; readonly update: MembersUpdate } | undefined {
    const { members } = this.#node;
    const waiting = members.all.filter(({ promote }) => promote);
    if (waiting.length === 0) return undefined;
    const { commit, progress } = this.#node.status();
    for (const member of waiting) {
      const peer = progress.find(({ id }) => id === member.id);
      if (!peer?.isLearner || !peer.recentlyActive || peer.state !== 'replicate') continue;
      if (peer.match + this.#settings.promotionLagEntries < commit) continue;
      const changes: SingleChange[] = [{ kind: 'add-voter', id: nodeId(member.id) }];
      if (members.get(member.replaces)) changes.push({ kind: 'remove', id: nodeId(member.replaces) });
      return { changes, update: { members: [{ ...member, promote: false, replaces: '' }] } };
    }
    return undefined;
  }

  /** Disks that were heard of since, and this server's own. */
  #nextDisks(): { readonly changes: readonly SingleChange[]; readonly update: MembersUpdate } | undefined {
    const { id, members } = this.#node;
    const fresh = members.all.flatMap((member): MemberRecord[] => {
      const disk = member.id === id ? this.#node.disk : this.#disksSeen.get(member.id);
      return member.disk === 0 && disk !== undefined ? [{ ...member, disk }] : [];
    });
    if (fresh.length === 0) return undefined;
    return { changes: [this.#nothing()], update: { members: fresh } };
  }

  /** A change that changes nobody's vote, so that it may carry what is new about the members. */
  #nothing(): SingleChange {
    const { id } = this.#node;
    return { kind: this.#isVoter(id) ? 'add-voter' : 'add-learner', id };
  }

  #isVoter(id: string): boolean {
    const { voters } = this.#node.status().configuration;
    return voters.includes(nodeId(id));
  }

  /** One change at a time is under way (§6): the next waits until that one was applied. */
  async #changeInTurn(changes: readonly SingleChange[], update: MembersUpdate): Promise<void> {
    for (;;) {
      try {
        return await this.#node.change(changes, update);
      } catch (thrown) {
        if (!isUnderWay(thrown)) throw thrown;
        await this.#node.nextApplied();
      }
    }
  }
}

/** Whether another change is under way. */
function isUnderWay(thrown: unknown): boolean {
  return thrown instanceof DecoraftError && thrown.code === 'Overloaded';
}

/** The change's own bytes: what the members' records become. */
export function contextOf(update: MembersUpdate): Uint8Array {
  return encodeMembersUpdate(update);
}
