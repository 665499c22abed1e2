import { silentLogger, unreachable } from '@decoraft/base';
import { handleAppendRequest } from './append-entries.js';
import { applied, proposeConfigurationChange } from './configuration.js';
import type { ConfigurationChange } from './configuration-change.js';
import {
  campaignOnRequest,
  handlePreVoteRequest,
  handlePreVoteResponse,
  handleVoteRequest,
  handleVoteResponse,
  tickElection,
} from './election.js';
import { handleProposeRequest } from './forwarding.js';
import { handleHeartbeat, handleHeartbeatResponse, tickHeartbeat } from './heartbeat.js';
import type { Index, NodeId } from './ids.js';
import { handleInstallSnapshotRequest } from './install-snapshot.js';
import {
  forgetLeader,
  handleTimeoutNow,
  handleTransferRequest,
  transferLeadership,
} from './leadership-transfer.js';
import { beSilent } from './lease.js';
import type { Message, StorageResponse } from './message.js';
import { type RaftOptions, settingsOf } from './options.js';
import { advance, hasReady, takeReady } from './outbox.js';
import { quiesce, type RestingPoint, restingPointOf, stirs, wake } from './quiescence.js';
import { propose } from './proposals.js';
import type { Ready } from './ready.js';
import { handleReadIndexRequest, handleReadIndexResponse, readIndex, releaseProvenReads } from './reads.js';
import { handleAppendResponse } from './replication.js';
import { becomeFollower, paused } from './roles.js';
import { reportSnapshot, reportUnreachable } from './snapshots.js';
import { createState, type RaftState, type ReadProof } from './state.js';
import {
  type ConfigurationChangeResult,
  type ProposeResult,
  type RaftStatus,
  statusOf,
  type TransferResult,
} from './status.js';
import {
  handleStorageAppendResponse,
  handleStorageApplyResponse,
  throughThreads,
} from './storage-threads.js';
import { meetTerm } from './terms.js';

/**
 * One server of a Raft group as a deterministic object: inputs go in, a {@link Ready} says what is to be done. Here
 * it is only routed; what happens is in the files named after the paper's sections.
 *
 * Methods throw {@link InvariantViolation} when a fact of the algorithm does not hold: a leader asks to replace a
 * committed entry, the disk lost what it had, the driver breaks the order of {@link Ready}. Whoever sees it stops.
 */
export class Raft {
  readonly #state: RaftState;

  /** @throws CodedError `InvalidArgument` for options that no server can run with. */
  constructor(options: RaftOptions) {
    this.#state = createState(options, settingsOf(options), options.logger ?? silentLogger);
  }

  /**
   * Takes a message in, from whoever sends it: a server that joins knows nobody yet, and who was removed elsewhere may
   * still be asked for its vote here. One that is for another server changes nothing. Replies of storage threads
   * are stepped, too.
   */
  step(message: Message | StorageResponse): void {
    const state = this.#state;
    if (message.kind === 'storage-append-response') return handleStorageAppendResponse(state, message);
    if (message.kind === 'storage-apply-response') return handleStorageApplyResponse(state, message);
    if (message.to !== state.id || message.from === state.id) return;
    if (stirs(state, message)) wake(state);
    if (meetTerm(state, message)) route(state, message);
  }

  /**
   * One unit of time has passed.
   *
   * @param at The driver's own count of ticks, where it drives several servers: their heartbeats leave at the same ones,
   *   the multiples of `heartbeatTicks`. Without it, a leader counts from its last heartbeat.
   */
  tick(at?: number): void {
    if (this.#state.isQuiet) return;
    if (this.#state.role === 'leader') tickHeartbeat(this.#state, at);
    else tickElection(this.#state);
  }

  /**
   * Appends entries on a leader, all or none; the driver takes proposals to the leader.
   *
   * @param data At least one; each becomes an entry. Not copied: must not change afterwards.
   * @throws CodedError `InvalidArgument` for none.
   */
  propose(data: readonly Uint8Array[]): ProposeResult {
    wake(this.#state);
    return propose(this.#state, data);
  }

  /**
   * Appends a change of the members on a leader, where none is pending. It takes effect on each server when it is
   * applied there (`applied`), as in etcd.
   *
   * @throws CodedError `InvalidArgument` for a change that the configuration does not allow, naming why.
   */
  proposeConfigurationChange(change: ConfigurationChange): ConfigurationChangeResult {
    wake(this.#state);
    return proposeConfigurationChange(this.#state, change);
  }

  /**
   * Asks at which index a read is linearizable; the answer is a read state with this context, now and then twice.
   * It may never come: messages are lost, and what waits is dropped with the role or the term. The caller has a
   * limit and asks again with another context.
   *
   * @param context The caller's own number, unlike all others that wait, also those of an earlier life of this server:
   *   answers to its questions may still be on their way.
   * @param proof `lease` takes the leader's lease for proof where there is one, which is only as good as the clocks,
   *   and a round where there is none. Leases are a setting (`readOnlyOption`).
   * @returns False when no leader is known, or when 4096 reads wait already.
   */
  readIndex(context: number, proof: ReadProof = 'round'): boolean {
    wake(this.#state);
    return readIndex(this.#state, { context, proof });
  }

  /**
   * Campaigns now, whatever the time. Without effect on a leader, on a server that has no vote or has changes of the
   * configuration to apply, and, where reads trust leases, while a leader is heard.
   */
  campaign(): void {
    wake(this.#state);
    campaignOnRequest(this.#state);
  }

  /**
   * Hands leadership over to a voter, once it has caught up (thesis §3.10); a follower passes the wish on to its
   * leader. Given up after an election timeout; until then proposals are refused as `TransferInProgress`.
   */
  transferLeadership(transferee: NodeId): TransferResult {
    wake(this.#state);
    return transferLeadership(this.#state, transferee);
  }

  /** A follower forgets its leader and may vote for another at once. Without effect elsewhere, and on lease reads. */
  forgetLeader(): void {
    wake(this.#state);
    forgetLeader(this.#state);
  }

  /**
   * The process stood still for longer than an election timeout: its ticks say less than has passed. A leader steps
   * down, anybody else starts its wait anew.
   */
  paused(): void {
    wake(this.#state);
    paused(this.#state);
  }

  /**
   * Where this leader has had nothing to do for an election timeout, or is quiet; `undefined` on any other server. The
   * driver may let the group rest there: see `quiescence.ts` for what it has to see to then.
   */
  get restingPoint(): RestingPoint | undefined {
    return restingPointOf(this.#state);
  }

  /** Whether this server rests: ticks change nothing. */
  get isQuiet(): boolean {
    return this.#state.isQuiet;
  }

  /**
   * Rests until something stirs this server: a follower, once it was told by its leader's driver where that may rest; the
   * leader, once all others do.
   *
   * @returns Whether it rests. False where it has something to do, or is not at that point.
   */
  quiesce(at: RestingPoint): boolean {
    return quiesce(this.#state, at);
  }

  /** Rests no more: its ticks count from now on, as if it had just heard of its leader, or become one. */
  wake(): void {
    wake(this.#state);
  }

  /** Messages to this peer are known to be lost: it is probed before anything is streamed to it again. */
  reportUnreachable(peer: NodeId): void {
    wake(this.#state);
    reportUnreachable(this.#state, peer);
  }

  /** What became of the snapshot that this peer was sent; without this report it is sent nothing else. */
  reportSnapshot(peer: NodeId, outcome: 'finished' | 'failed'): void {
    wake(this.#state);
    reportSnapshot(this.#state, peer, outcome);
  }

  /** Whether {@link Raft.ready} has anything to say. */
  hasReady(): boolean {
    return hasReady(this.#state);
  }

  /** Takes what is ready. Several may be out at once. */
  ready(): Ready {
    const outstanding = takeReady(this.#state);
    return this.#state.settings.asyncStorageWrites
      ? throughThreads(this.#state, outstanding)
      : outstanding.ready;
  }

  /**
   * The hard state and the entries of this ready are durable. Called once for each, in the order in which they were
   * taken, also for those that had nothing to write.
   */
  advance(ready: Ready): void {
    advance(this.#state, ready);
  }

  /**
   * All committed entries up to `index` have been applied, or the state machine was restored from a snapshot of it:
   * room for further ones. The changes of the configuration among them take effect here.
   *
   * @throws CodedError `Corrupted` for a configuration entry that this release cannot read.
   */
  applied(index: Index): void {
    applied(this.#state, index);
  }

  status(): RaftStatus {
    return statusOf(this.#state);
  }
}

function route(state: RaftState, message: Message): void {
  switch (message.kind) {
    case 'vote-request':
      return handleVoteRequest(state, message);
    case 'vote-response':
      return handleVoteResponse(state, message);
    case 'pre-vote-request':
      return handlePreVoteRequest(state, message);
    case 'pre-vote-response':
      return handlePreVoteResponse(state, message);
    case 'append-request':
      if (follow(state, message.from)) handleAppendRequest(state, message);
      return;
    case 'append-response':
      return handleAppendResponse(state, message);
    case 'heartbeat':
      if (follow(state, message.from)) handleHeartbeat(state, message);
      return;
    case 'heartbeat-response':
      handleHeartbeatResponse(state, message);
      return releaseProvenReads(state);
    case 'read-index-request':
      return handleReadIndexRequest(state, message);
    case 'read-index-response':
      return handleReadIndexResponse(state, message);
    case 'install-snapshot-request':
      if (follow(state, message.from)) handleInstallSnapshotRequest(state, message);
      return;
    case 'timeout-now':
      return handleTimeoutNow(state, message);
    case 'transfer-request':
      return handleTransferRequest(state, message);
    case 'propose-request':
      return handleProposeRequest(state, message);
    default:
      return unreachable(message);
  }
}

/** Who sends entries or heartbeats in the current term leads it: candidates give up, the wait begins anew (§5.2). */
function follow(state: RaftState, leader: NodeId): boolean {
  if (state.role === 'leader') {
    state.logger.log('error', 'another server leads in the same term', { term: state.term, leader });
    return false;
  }
  if (state.role !== 'follower') becomeFollower(state, state.term, leader);
  state.leader = leader;
  state.electionElapsed = 0;
  beSilent(state);
  return true;
}
