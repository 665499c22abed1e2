import { type Clock, messageOf } from '@decoraft/base';
import {
  DecoraftError,
  decodeProposal,
  decodeReply,
  decodeSessionPositions,
  encodeReply,
  type GroupInfo,
  type GroupLimits,
  GROUP_METHOD,
  type Proposal,
  type SessionId,
  type SessionPositions,
} from '@decoraft/protocol';
import { type CallContext, encodeValue, type Method, type Service } from '@decoraft/rpc';
import type { Applied } from '@decoraft/state-machine';
import type { Beginner } from './beginner.js';
import { Complaints } from './complaints.js';
import { createGates } from './gate.js';
import { LateIterator } from './late-iterator.js';
import { FirstLimits } from './first-limits.js';
import { answerOffers, describeWaiting, MachineAgreement } from './machine-agreement.js';
import type { HostPorts, HostSettings } from './ports.js';
import { listMembers } from './members.js';
import { MembershipService } from './membership-service.js';
import { notLeader, refusal } from './proposals.js';
import { QueryService, type ReadCounts } from './query-service.js';
import { type AddressedMessage, decodeMessage } from './raft-wire.js';
import type { RaftNode } from './raft-node.js';
import { Relay } from './relay.js';
import { type ServedNode, startedNode } from './served-node.js';
import { SessionMonitor } from './session-monitor.js';
import { Turns } from './turns.js';

const EMPTY = new Uint8Array(0);
/** How often the leader looks for sessions that fell silent. */
const SESSION_CHECK_MS = 1_000;

/** Only the leader itself proposes these: they say what a client may not decide. */
const LEADER_ONLY: ReadonlySet<Proposal['kind']> = new Set([
  'expire-sessions',
  'acknowledge-events',
  'events-seen',
  'state-check',
  'state-hashes',
  'configure',
  'advance-time',
  'agree-machines',
]);

export interface GroupServiceOptions extends ServedNode {
  readonly service: number;
  readonly settings: HostSettings;
  readonly ports: HostPorts;
  /** Where this server begins, or began, with an empty disk. */
  readonly beginner: () => Beginner | undefined;
  /** For a group that has agreed on none. */
  readonly limits?: Partial<GroupLimits> | undefined;
}

/**
 * A group's RPC service: what clients and other servers ask of a node. Checks and routes; what is agreed on goes
 * through {@link RaftNode}.
 */
export class GroupService implements Service {
  readonly methods: readonly Method[];
  readonly #options: GroupServiceOptions;
  readonly #monitor = new SessionMonitor();
  readonly #turns = new Turns();
  readonly #complaints: Complaints;
  readonly #firstLimits: FirstLimits;
  readonly #agreement: MachineAgreement;
  readonly #relay: Relay;
  readonly #queries: QueryService;
  #checkedMs = 0;
  #isDiskFull = false;

  constructor(options: GroupServiceOptions) {
    this.#options = options;
    this.#relay = new Relay(options.service, options.ports.channels);
    this.#firstLimits = new FirstLimits(options.limits);
    this.#agreement = new MachineAgreement(options);
    this.#queries = new QueryService({ ...options, clock: options.ports.clock });
    this.#complaints = new Complaints(options.ports.clock, options.ports.logger);
    const { proposals, reads } = createGates(options.settings, options.ports.clock);
    this.methods = [
      { kind: 'one-way', name: GROUP_METHOD.step, handle: (payload, call) => this.step(payload, call) },
      {
        kind: 'unary',
        name: GROUP_METHOD.propose,
        handle: (payload, call) => proposals.pass({ call, payload }, () => this.#propose(payload, call)),
      },
      {
        kind: 'unary',
        name: GROUP_METHOD.forward,
        handle: (payload, call) =>
          proposals.pass({ call, payload, isPassedOn: true }, () =>
            this.#proposeHere(startedNode(this.#options), payload),
          ),
      },
      {
        kind: 'unary',
        name: GROUP_METHOD.query,
        handle: (payload, call) => reads.pass({ call, payload }, () => this.#queries.query(payload, call)),
      },
      { kind: 'unary', name: GROUP_METHOD.keepAlive, handle: (payload) => this.#keepAlive(payload) },
      { kind: 'stream', name: GROUP_METHOD.events, handle: (payload) => this.#events(payload) },
      {
        kind: 'unary',
        name: GROUP_METHOD.relayKeepAlive,
        handle: (payload, call) => this.#relayKeepAlive(payload, call),
      },
      {
        kind: 'stream',
        name: GROUP_METHOD.relayEvents,
        handle: (payload, call) => this.#relayEvents(payload, call),
      },
      {
        kind: 'unary',
        name: GROUP_METHOD.machines,
        handle: (payload) => answerOffers(startedNode(this.#options), payload),
      },
      { kind: 'unary', name: GROUP_METHOD.info, handle: () => encodeValue(this.#info()) },
      ...new MembershipService(options).methods,
    ];
  }

  /** What this node has answered since it was started. */
  get readCounts(): ReadCounts {
    return this.#queries.counts;
  }

  /** To be called when leadership comes or goes: a new leader has heard of no session yet. */
  leadershipChanged(): void {
    this.#monitor.forgetAll();
    this.#turns.forgetAll();
    const node = this.#options.node();
    if (node?.isLeader) this.#agreement.began(node);
    this.#standBack();
  }

  /** To be called when members have come or gone. */
  membersChanged(): void {
    this.#agreement.membersChanged();
  }

  /** To be called when the log waits for room on its disk, and when it has room again. */
  readonly onDiskFull = (isFull: boolean): void => {
    this.#isDiskFull = isFull;
    this.#standBack();
  };

  /** To be called now and then: what a leader sees to by itself. */
  keepHouse(): void {
    const node = this.#options.node();
    if (node?.isLeader) {
      node.membership.maintain();
      this.#firstLimits.maintain(node);
      this.#agreement.maintain(node);
      this.#proposeSeen(node);
    }
    if (node) this.#relay.leaveOthers(node);
    this.#standBack();
    this.#checkSessions();
  }

  /**
   * A leader that cannot write may commit with the disks of the others, but applies nothing and so answers nobody:
   * another one had better lead. Where none can take over, this is tried again, and commands are refused meanwhile.
   */
  #standBack(): void {
    const node = this.#options.node();
    if (!this.#isDiskFull || !node?.isLeader) return;
    const { logger } = this.#options.ports;
    node.transferLeadership().catch((thrown: unknown) => {
      logger.log('debug', 'nobody takes over from a leader whose disk is full', {
        reason: messageOf(thrown),
      });
    });
  }

  /** The leader ends the sessions that were silent for too long. */
  #checkSessions(): void {
    const node = this.#options.node();
    const nowMs = this.#clock.monotonicMs();
    if (!node?.isLeader || nowMs - this.#checkedMs < SESSION_CHECK_MS) return;
    this.#checkedMs = nowMs;
    const sessions = this.#monitor.expired(node.replica.sessions.all(), nowMs);
    if (sessions.length > 0) this.#proposeAside(node, { kind: 'expire-sessions', sessions });
  }

  get #clock(): Clock {
    return this.#options.ports.clock;
  }

  /** A Raft message of another server, by itself or together with those of other groups. */
  step(payload: Uint8Array, { connection }: Pick<CallContext, 'connection'>): void {
    const node = this.#options.node();
    const addressed = this.#decoded(payload, connection.remoteAddress);
    if (!node || !addressed) return;
    const { cluster, disk, message, reachedAt } = addressed;
    const { from } = message;
    if (cluster !== node.cluster) {
      const words = 'ClusterMismatch: a server of another cluster is not listened to';
      return this.#complaints.about(from, words, { cluster, own: node.cluster });
    }
    if (node.members.isRetired(from)) {
      return this.#complaints.about(from, 'a server that was removed is not listened to', {});
    }
    if (node.members.isOtherDisk(from, disk)) {
      const words = 'ClusterMismatch: a server that came back with another disk is not listened to';
      return this.#complaints.about(from, words, { disk });
    }
    node.members.heardOf(from, reachedAt);
    node.membership.sawDisk(from, disk);
    node.step(message);
  }

  #decoded(payload: Uint8Array, sender: string): AddressedMessage | undefined {
    try {
      return decodeMessage(payload);
    } catch (thrown) {
      this.#complaints.about(sender, 'a message that is none was dropped', { reason: messageOf(thrown) });
      return undefined;
    }
  }

  #propose(payload: Uint8Array, call: CallContext): Promise<Uint8Array> {
    const node = startedNode(this.#options);
    return node.isLeader ? this.#proposeHere(node, payload) : this.#passOn(node, payload, call);
  }

  async #passOn(node: RaftNode, payload: Uint8Array, call: CallContext): Promise<Uint8Array> {
    const { leaderAddress } = node;
    const reply = decodeReply(await this.#relay.call(node, GROUP_METHOD.forward, payload, call));
    return encodeReply({ ...reply, ...(leaderAddress !== undefined && { leaderAddress }) });
  }

  /** Checks at once; holds on to none of the payload while it waits. */
  #proposeHere(node: RaftNode, payload: Uint8Array): Promise<Uint8Array> {
    if (!node.isLeader) throw notLeader(node);
    if (this.#isDiskFull)
      throw refusal('Unavailable', 'the disk of the leader is full, and nobody has taken over yet');
    const proposal = decodeProposal(payload);
    if (LEADER_ONLY.has(proposal.kind)) {
      throw new DecoraftError('PermissionDenied', `${proposal.kind} is proposed by the leader only`);
    }
    node.replica.check(proposal);
    const append = (): Promise<Uint8Array> => answerOf(node, node.proposeStamped(payload));
    if (!('origin' in proposal)) return append();
    const { origin } = proposal;
    this.#monitor.touch(origin.session, this.#clock.monotonicMs());
    const lastApplied = node.replica.sessions.get(origin.session)?.lastApplied;
    return lastApplied === undefined ? append() : this.#turns.take(origin, lastApplied, append);
  }

  /** Something that nobody waits for: when it fails, its reason comes again. */
  #proposeAside(node: RaftNode, proposal: Proposal): void {
    node.proposeOwn(proposal).catch((thrown: unknown) => {
      const { logger } = this.#options.ports;
      logger.log('debug', 'a housekeeping entry was not appended', {
        kind: proposal.kind,
        reason: messageOf(thrown),
      });
    });
  }

  async #keepAlive(payload: Uint8Array): Promise<Uint8Array> {
    const node = startedNode(this.#options);
    const { session, positions } = decodeSessionPositions(payload);
    await this.#checkSession(node, session);
    this.#monitor.touch(session, this.#clock.monotonicMs());
    if (node.events.acknowledge(session, positions)) this.#proposeSeen(node);
    return EMPTY;
  }

  async #relayKeepAlive(payload: Uint8Array, call: CallContext): Promise<Uint8Array> {
    const node = startedNode(this.#options);
    if (node.isLeader) return this.#keepAlive(payload);
    return this.#relay.call(node, GROUP_METHOD.keepAlive, payload, call);
  }

  #relayEvents(payload: Uint8Array, call: CallContext): AsyncIterable<Uint8Array> {
    const node = startedNode(this.#options);
    if (node.isLeader) return this.#events(payload);
    return this.#relay.stream(node, GROUP_METHOD.events, payload, call);
  }

  #events(payload: Uint8Array): AsyncIterable<Uint8Array> {
    const request: SessionPositions = decodeSessionPositions(payload);
    return new LateIterator(async () => {
      const node = startedNode(this.#options);
      await this.#checkSession(node, request.session);
      // Only one that has applied what its predecessors committed can say that there is no such subscription.
      if (!knowsAll(node, request)) await node.linearize();
      return node.events.open(request);
    });
  }

  /** What clients have consumed, all of them together. */
  #proposeSeen(node: RaftNode): void {
    for (const proposal of node.events.takeAcknowledged()) this.#proposeAside(node, proposal);
  }

  /** Only a leader that has applied what its predecessors committed can say that there is no such session. */
  async #checkSession(node: RaftNode, session: SessionId): Promise<void> {
    if (!node.isLeader) throw notLeader(node);
    if (node.replica.sessions.get(session)) return;
    await node.linearize();
    if (node.replica.sessions.get(session)) return;
    throw new DecoraftError('SessionExpired', `session ${session} has ended`);
  }

  #info(): GroupInfo {
    const node = startedNode(this.#options);
    const { commit, configuration, id, lastIndex } = node.status();
    const { leader, role, term } = node.state;
    return {
      cluster: node.cluster,
      id,
      role,
      term,
      leader: leader || undefined,
      commitIndex: commit,
      appliedIndex: node.replica.appliedIndex,
      lastIndex,
      members: listMembers(node.members, configuration),
      machines: node.replica.machines.agreement.all.map(({ name, version }) => ({ name, version })),
      waiting: node.isLeader ? this.#agreement.waiting.map(describeWaiting) : [],
    };
  }
}

async function answerOf({ cluster }: RaftNode, proposed: Promise<Applied>): Promise<Uint8Array> {
  const { index, outcome, term } = await proposed;
  return encodeReply({ cluster, index, term, outcome });
}

function knowsAll({ replica }: RaftNode, { positions }: SessionPositions): boolean {
  return positions.every(({ subscription }) => replica.subscriptions.get(subscription) !== undefined);
}
