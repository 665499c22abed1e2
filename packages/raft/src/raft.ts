import { assertInvariant, type Logger, type Random, silentLogger, unreachable } from '@decoraft/base';
import {
  campaign,
  checkQuorum,
  handlePreVoteRequest,
  handlePreVoteResponse,
  handleVoteRequest,
  handleVoteResponse,
} from './election.js';
import type { Configuration, HardState } from './entry.js';
import { handleHeartbeat, handleHeartbeatResponse, sendHeartbeats } from './heartbeat.js';
import { type Index, index, NOBODY, type NodeId, type Term } from './ids.js';
import { RaftLog } from './log.js';
import type { LogReader } from './log-store.js';
import type { Message } from './message.js';
import {
  handleReadIndexRequest,
  handleReadIndexResponse,
  noteReadAcknowledgement,
  readIndex,
} from './reads.js';
import type { Ready, Role, SoftState } from './ready.js';
import {
  acknowledgeOwn,
  appendOwn,
  flushAppends,
  handleAppendRequest,
  handleAppendResponse,
} from './replication.js';
import { becomeFollower, drawElectionTimeout, hardStateOf, isVoter, type RaftState } from './state.js';

const MEBIBYTE = 1024 * 1024;

export interface RaftOptions {
  readonly id: NodeId;
  /** The log store's reading side. */
  readonly log: LogReader;
  /** As the store has it at the start. */
  readonly hardState: HardState;
  /** Who decides. Without voters, or when this server is none, it never campaigns. */
  readonly configuration: Configuration;
  /** What the state machine has applied already; 0 by default. */
  readonly applied?: Index;
  /** Ticks without a leader until a campaign, drawn between this and twice this (§5.2). */
  readonly electionTicks: number;
  /** Ticks between two heartbeats. */
  readonly heartbeatTicks: number;
  /** Ask before campaigning (thesis §9.6); true by default. */
  readonly preVote?: boolean;
  /** A leader without its majority steps down, and a server with a leader helps no other (thesis §6.2); true by default. */
  readonly checkQuorum?: boolean;
  /** Bytes of entries in one AppendRequest; 1 MiB by default. One entry is always sent. */
  readonly maxMessageBytes?: number;
  /** AppendRequests under way to one peer; 256 by default. */
  readonly maxInflightMessages?: number;
  /** Bytes of entries under way to one peer; 16 MiB by default. */
  readonly maxInflightBytes?: number;
  /** Bytes of proposals that wait for commitment; 64 MiB by default. One proposal is always taken. */
  readonly maxUncommittedBytes?: number;
  /** Bytes of committed entries in one ready; 16 MiB by default. */
  readonly maxCommittedBytes?: number;
  readonly random: Random;
  readonly logger?: Logger;
}

export type ProposeResult =
  | { readonly ok: true; readonly term: Term; readonly firstIndex: Index }
  | { readonly ok: false; readonly reason: 'NotLeader' | 'Overloaded' };

/** What a leader knows of a voter. */
export interface PeerStatus {
  readonly id: NodeId;
  readonly state: 'probe' | 'replicate';
  readonly match: Index;
  readonly next: Index;
}

export interface RaftStatus extends SoftState, HardState {
  readonly id: NodeId;
  readonly applied: Index;
  readonly lastIndex: Index;
  readonly configuration: Configuration;
  /** Empty on a server that does not lead. */
  readonly progress: readonly PeerStatus[];
}

/**
 * One server of a Raft group, as a deterministic object: inputs go in, `ready` says what is to be done. It only
 * routes; what happens is in the files named after the paper's sections.
 */
export class Raft {
  readonly #state: RaftState;
  #knownHardState: HardState;
  #knownSoftState: SoftState;

  constructor(options: RaftOptions) {
    const { applied = index(0), configuration, hardState, id, log, logger = silentLogger, random } = options;
    assertInvariant(id !== NOBODY, 'a server has a name');
    assertInvariant(applied <= hardState.commit, 'nothing is applied before it is committed');
    this.#state = {
      id,
      settings: settingsOf(options),
      log: new RaftLog(log, hardState.commit, applied),
      random,
      logger,
      voters: configuration.voters,
      term: hardState.term,
      vote: hardState.vote,
      role: 'follower',
      leader: NOBODY,
      electionElapsed: 0,
      heartbeatElapsed: 0,
      electionTimeout: 0,
      votes: new Map(),
      progress: new Map(),
      uncommittedBytes: 0,
      earlyReads: [],
      pendingReads: [],
      readSequence: 0,
      readAcknowledged: new Map(),
      messages: [],
      responses: [],
      readStates: [],
    };
    drawElectionTimeout(this.#state);
    this.#knownHardState = hardStateOf(this.#state);
    this.#knownSoftState = this.#softState();
  }

  /** One unit of time has passed. */
  tick(): void {
    const state = this.#state;
    const { checkQuorum: checksQuorum, electionTicks, heartbeatTicks } = state.settings;
    state.electionElapsed++;
    if (state.role !== 'leader') {
      if (state.electionElapsed >= state.electionTimeout) {
        state.electionElapsed = 0;
        campaign(state);
      }
      return;
    }
    if (state.electionElapsed >= electionTicks) {
      state.electionElapsed = 0;
      if (checksQuorum) checkQuorum(state);
    }
    if (this.#state.role === 'leader' && ++state.heartbeatElapsed >= heartbeatTicks) {
      state.heartbeatElapsed = 0;
      sendHeartbeats(state);
    }
  }

  /** Campaigns now, whatever the time. */
  campaign(): void {
    campaign(this.#state);
  }

  /**
   * Takes a message in. One that is not for this server, or from nobody that it knows, changes nothing; none makes
   * it throw, as long as the sender is a correct server of this cluster.
   */
  step(message: Message): void {
    const state = this.#state;
    if (message.to !== state.id || message.from === state.id || !isVoter(state, message.from)) return;
    if (message.term > state.term && !this.#enterTerm(message)) return;
    if (message.term < state.term) return this.#answerOldTerm(message);
    this.#route(message);
  }

  /**
   * Appends entries on a leader, all or none.
   *
   * @returns Where they stand, which may still be lost; or why not.
   */
  propose(data: readonly Uint8Array[]): ProposeResult {
    const state = this.#state;
    if (state.role !== 'leader') return { ok: false, reason: 'NotLeader' };
    let bytes = 0;
    for (const one of data) bytes += one.length;
    const { uncommittedBytes } = state;
    if (uncommittedBytes > 0 && uncommittedBytes + bytes > state.settings.maxUncommittedBytes) {
      return { ok: false, reason: 'Overloaded' };
    }
    state.uncommittedBytes += bytes;
    const firstIndex = index(state.log.lastIndex + 1);
    appendOwn(state, data);
    return { ok: true, term: state.term, firstIndex };
  }

  /**
   * Asks at which index a read is linearizable; the answer is a read state with this context. It never comes when
   * leader or term change in between: the caller has a limit.
   *
   * @returns False when nobody can be asked, or too many wait.
   */
  readIndex(context: number): boolean {
    return readIndex(this.#state, context);
  }

  hasReady(): boolean {
    const state = this.#state;
    flushAppends(state);
    return (
      state.messages.length > 0 ||
      state.responses.length > 0 ||
      state.readStates.length > 0 ||
      state.log.hasNewUnstable ||
      state.log.hasCommitted ||
      this.#mustPersist() ||
      this.#softStateChanged()
    );
  }

  /** Takes what is ready; {@link Ready} says what to do with it, in which order. */
  ready(): Ready {
    const state = this.#state;
    flushAppends(state);
    const hasEntries = state.log.hasNewUnstable;
    const ready: Ready = {
      ...(this.#softStateChanged() ? { softState: this.#softState() } : {}),
      ...(this.#mustPersist() || hasEntries ? { hardState: hardStateOf(state) } : {}),
      entries: state.log.takeUnstable(),
      messages: state.messages,
      responses: state.responses,
      committedEntries: state.log.hasCommitted
        ? state.log.takeCommitted(state.settings.maxCommittedBytes)
        : [],
      readStates: state.readStates,
    };
    this.#knownHardState = hardStateOf(state);
    this.#knownSoftState = this.#softState();
    state.messages = [];
    state.responses = [];
    state.readStates = [];
    return ready;
  }

  /** The ready's entries and hard state are durable. Readies are advanced in the order in which they were taken. */
  advance({ entries, responses }: Ready): void {
    const state = this.#state;
    const last = entries.at(-1);
    if (last) {
      state.log.stableTo(last);
      if (last.term === state.term && state.log.matches(last)) acknowledgeOwn(state, last.index);
    }
    for (const response of responses) {
      if (response.to === state.id && response.term === state.term) this.#route(response);
    }
  }

  /** Entries up to here have been applied. */
  applied(at: Index): void {
    this.#state.log.applied = at;
  }

  status(): RaftStatus {
    const { id, log, progress, voters } = this.#state;
    return {
      id,
      ...this.#softState(),
      ...hardStateOf(this.#state),
      applied: log.applied,
      lastIndex: log.lastIndex,
      configuration: { voters },
      progress: [...progress].map(([peer, { match, next, state }]) => ({ id: peer, state, match, next })),
    };
  }

  /** A later term. @returns Whether the message is to be looked at. */
  #enterTerm(message: Message): boolean {
    const state = this.#state;
    switch (message.kind) {
      case 'vote-request':
      case 'pre-vote-request':
        // A server that hears from a leader helps no other: who was cut off does not disturb (thesis §6.2, §4.2.3).
        if (this.#hasLiveLeader() && !(message.kind === 'vote-request' && message.transfer)) return false;
        if (message.kind === 'vote-request') becomeFollower(state, message.term, NOBODY);
        return true;
      case 'pre-vote-response':
        // A granted one carries the term of a campaign that has not begun.
        if (!message.granted) becomeFollower(state, message.term, NOBODY);
        return true;
      case 'append-request':
      case 'heartbeat':
        becomeFollower(state, message.term, message.from);
        return true;
      default:
        becomeFollower(state, message.term, NOBODY);
        return true;
    }
  }

  #hasLiveLeader(): boolean {
    const { electionElapsed, leader, settings } = this.#state;
    return settings.checkQuorum && leader !== NOBODY && electionElapsed < settings.electionTicks;
  }

  /** Who is behind must learn it: else a server that came back with a higher term could never be led (etcd #8501). */
  #answerOldTerm(message: Message): void {
    const { id, log, term } = this.#state;
    const head = { from: id, to: message.from, term };
    switch (message.kind) {
      case 'append-request':
      case 'heartbeat':
        this.#state.responses.push({
          kind: 'append-response',
          ...head,
          rejected: false,
          matchIndex: log.committed,
        });
        return;
      case 'pre-vote-request':
        this.#state.responses.push({ kind: 'pre-vote-response', ...head, granted: false });
        return;
      case 'vote-request':
        this.#state.responses.push({ kind: 'vote-response', ...head, granted: false });
        return;
      default:
        return;
    }
  }

  #route(message: Message): void {
    const state = this.#state;
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
        this.#follow(message.from);
        return handleAppendRequest(state, message);
      case 'append-response':
        return handleAppendResponse(state, message);
      case 'heartbeat':
        this.#follow(message.from);
        return handleHeartbeat(state, message);
      case 'heartbeat-response':
        handleHeartbeatResponse(state, message);
        return noteReadAcknowledgement(state, message);
      case 'read-index-request':
        return handleReadIndexRequest(state, message);
      case 'read-index-response':
        return handleReadIndexResponse(state, message);
      default:
        return unreachable(message);
    }
  }

  /** Whoever sends entries in the current term leads it (§5.2). */
  #follow(leader: NodeId): void {
    const state = this.#state;
    assertInvariant(state.role !== 'leader', `two leaders in term ${state.term}: ${state.id} and ${leader}`);
    if (state.role !== 'follower') becomeFollower(state, state.term, leader);
    state.leader = leader;
    state.electionElapsed = 0;
  }

  #softState(): { readonly role: Role; readonly leader: NodeId } {
    return { role: this.#state.role, leader: this.#state.leader };
  }

  #softStateChanged(): boolean {
    const { leader, role } = this.#knownSoftState;
    return role !== this.#state.role || leader !== this.#state.leader;
  }

  /** A commit index alone is only a hint: it waits for the next write that has to be made anyway. */
  #mustPersist(): boolean {
    const { term, vote } = this.#knownHardState;
    return term !== this.#state.term || vote !== this.#state.vote;
  }
}

function settingsOf(options: RaftOptions): RaftState['settings'] {
  return {
    electionTicks: options.electionTicks,
    heartbeatTicks: options.heartbeatTicks,
    preVote: options.preVote ?? true,
    checkQuorum: options.checkQuorum ?? true,
    maxMessageBytes: options.maxMessageBytes ?? MEBIBYTE,
    maxUncommittedBytes: options.maxUncommittedBytes ?? 64 * MEBIBYTE,
    maxCommittedBytes: options.maxCommittedBytes ?? 16 * MEBIBYTE,
    window: {
      maxMessages: options.maxInflightMessages ?? 256,
      maxBytes: options.maxInflightBytes ?? 16 * MEBIBYTE,
    },
  };
}
