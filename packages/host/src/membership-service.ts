import { ByteReader } from '@decoraft/base';
import {
  DecoraftError,
  decodeMember,
  decodeProposal,
  encodeMembersImage,
  GROUP_METHOD,
  type MembersImage,
} from '@decoraft/protocol';
import type { Method } from '@decoraft/rpc';
import { decodeQuestion, encodeAdmissionAnswer } from './admission.js';
import { answerBeginner, type Beginner } from './beginner.js';
import { otherDisk } from './members.js';
import { notLeader, notStarted } from './proposals.js';
import type { RaftNode } from './raft-node.js';
import { type ServedNode, startedNode } from './served-node.js';
import { decodeChunk, encodeReceived } from './snapshot-chunk.js';
import { decodeTelling } from './telling.js';

const EMPTY = new Uint8Array(0);

export interface MembershipServiceOptions extends ServedNode {
  /** Where this server begins, or began, with an empty disk. */
  readonly beginner: () => Beginner | undefined;
}

/**
 * What servers ask of each other beside Raft's messages: to begin or to be taken in, to leave, to hand
 * leadership over, to agree on limits, the pieces of a snapshot, and what their states come to.
 */
export class MembershipService {
  readonly methods: readonly Method[];
  readonly #options: MembershipServiceOptions;

  constructor(options: MembershipServiceOptions) {
    this.#options = options;
    this.methods = [
      { kind: 'unary', name: GROUP_METHOD.join, handle: (payload) => this.#join(payload) },
      { kind: 'unary', name: GROUP_METHOD.remove, handle: (payload) => this.#remove(payload) },
      { kind: 'unary', name: GROUP_METHOD.transfer, handle: (payload) => this.#transfer(payload) },
      { kind: 'unary', name: GROUP_METHOD.configure, handle: (payload) => this.#configure(payload) },
      { kind: 'unary', name: GROUP_METHOD.installSnapshot, handle: (payload) => this.#install(payload) },
      { kind: 'unary', name: GROUP_METHOD.stateHashes, handle: (payload) => this.#stateHashes(payload) },
      { kind: 'unary', name: GROUP_METHOD.memberDisk, handle: (payload) => this.#admission(payload) },
    ];
  }

  async #join(payload: Uint8Array): Promise<Uint8Array> {
    const node = this.#leading();
    await node.membership.join(decodeMember(payload));
    const { all, clusterId } = node.members;
    const image: MembersImage = { clusterId, members: all, retired: [] };
    return encodeMembersImage(image);
  }

  async #remove(payload: Uint8Array): Promise<Uint8Array> {
    await this.#leading().membership.remove(textOf(payload));
    return EMPTY;
  }

  async #transfer(payload: Uint8Array): Promise<Uint8Array> {
    const to = textOf(payload);
    await this.#leading().transferLeadership(to === '' ? undefined : to);
    return EMPTY;
  }

  async #configure(payload: Uint8Array): Promise<Uint8Array> {
    const node = this.#leading();
    const proposal = decodeProposal(payload);
    if (proposal.kind !== 'configure') {
      throw new DecoraftError('InvalidArgument', `${proposal.kind} configures nothing`);
    }
    await node.proposeOwn(proposal);
    return EMPTY;
  }

  async #install(payload: Uint8Array): Promise<Uint8Array> {
    const node = startedNode(this.#options);
    const chunk = decodeChunk(payload);
    const { cluster, disk, message, reachedAt } = chunk.header;
    if (cluster !== node.cluster) {
      throw new DecoraftError('ClusterMismatch', 'the snapshot is that of another cluster');
    }
    if (node.members.isOtherDisk(message.from, disk)) throw otherDisk(message.from);
    node.members.heardOf(message.from, reachedAt);
    return encodeReceived(await node.receiveSnapshot(chunk));
  }

  /** Only from the server that they are of: what it says may put another out of service. */
  async #stateHashes(payload: Uint8Array): Promise<Uint8Array> {
    const node = this.#leading();
    const { cluster, disk, proposal } = decodeTelling(payload);
    if (cluster !== node.cluster) {
      throw new DecoraftError('ClusterMismatch', 'the state is that of another cluster');
    }
    if (node.members.isOtherDisk(proposal.node, disk)) throw otherDisk(proposal.node);
    await node.proposeOwn(proposal);
    return EMPTY;
  }

  async #admission(payload: Uint8Array): Promise<Uint8Array> {
    const { beginner, node } = this.#options;
    const answer = await answerBeginner(decodeQuestion(payload), node(), beginner());
    if (answer) return encodeAdmissionAnswer(answer);
    throw notStarted();
  }

  #leading(): RaftNode {
    const node = startedNode(this.#options);
    if (!node.isLeader) throw notLeader(node);
    return node;
  }
}

function textOf(payload: Uint8Array): string {
  const reader = new ByteReader(payload);
  const text = reader.text();
  reader.end();
  return text;
}
