import { DecoraftError } from '@decoraft/protocol';
import { rpc, RpcService } from '@decoraft/service';
import type { Life, MemberRecord } from '../records.js';
import type { MemberRegistry } from '../registry/member-registry.machine.js';
import type { BeatAnswer } from './beat.js';
import type { HostRaft } from './hosts.js';
import type { Vigil } from './vigil.js';

export interface HeartbeatsOptions {
  readonly raft: HostRaft;
  readonly registry: Pick<MemberRegistry, 'record' | 'version'>;
  readonly vigil: Vigil;
  /** Has the group agree that this life is there again. */
  readonly bringBack: (term: number, life: Life) => Promise<void>;
  /** Brings a beat to the node with this address, which leads, as far as is known here. */
  readonly passOn: (address: string, life: Life) => Promise<BeatAnswer>;
}

/** What members say to the nodes, again and again: that they live. No beat is a reason for a log entry. */
export class Heartbeats extends RpcService {
  readonly #options: HeartbeatsOptions;

  constructor(options: HeartbeatsOptions) {
    super();
    this.#options = options;
  }

  override get readsNoBindings(): boolean {
    return true;
  }

  /** A beat for whoever leads: who does not passes it on, once. */
  @rpc async beat(life: Life): Promise<BeatAnswer> {
    const { passOn, raft } = this.#options;
    if (raft.isLeader) return this.beatHere(life);
    const address = this.#leaderAddress();
    if (address === undefined) throw this.#notLeader();
    return passOn(address, life);
  }

  /**
   * A beat for this node. An answer is a promise for as long as the member's timeout, so it is given only by who led
   * after the beat was sent: a later leader begins with a full period. What was being decided about the member is known
   * by then as well.
   */
  @rpc async beatHere(life: Life): Promise<BeatAnswer> {
    const { raft, registry, vigil } = this.#options;
    if (!raft.isLeader) throw this.#notLeader();
    await vigil.heard(life);
    const term = await raft.confirmLeadership();
    // In the term that was confirmed, and behind what had to be decided before.
    await vigil.heard(life);
    if (!raft.isLeader || raft.term !== term) throw this.#notLeader();
    const { version } = registry;
    const member = registry.record(life.id);
    if (!member) return { kind: 'gone', version };
    if (member.incarnation !== life.incarnation) return { kind: 'replaced', version };
    const { onlineVersion } = member.isOnline ? member : await this.#bringBack(term, life);
    return { kind: 'heard', version: registry.version, onlineVersion, leader: this.#leaderAddress() ?? '' };
  }

  async #bringBack(term: number, life: Life): Promise<MemberRecord> {
    const { bringBack, registry } = this.#options;
    await bringBack(term, life);
    const member = registry.record(life.id);
    if (member?.isOnline && member.incarnation === life.incarnation) return member;
    throw new DecoraftError('Unavailable', `${life.id} is not online yet: the next beat may bring it back`);
  }

  #notLeader(): DecoraftError {
    const leaderAddress = this.#leaderAddress();
    return new DecoraftError(
      'NotLeader',
      `this node does not lead; ${leaderAddress ?? 'nobody known'} does`,
      {
        data: leaderAddress === undefined ? {} : { leaderAddress },
      },
    );
  }

  #leaderAddress(): string | undefined {
    const { leader, members } = this.#options.raft;
    return members.find(({ id }) => id === leader)?.address;
  }
}
