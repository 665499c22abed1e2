import type { Entry, EntryKind, HardState } from './entry.js';
import type { Index, NodeId, Term } from './ids.js';
import type { SnapshotMetadata } from './log-store.js';
import type { ReadProof } from './state.js';

/** Fields of every message between servers. */
interface Envelope {
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's term; in a pre-vote request, the term that it would campaign for (thesis §9.6). */
  readonly term: Term;
}

/** RequestVote RPC (§5.2). */
export interface VoteRequest extends Envelope {
  readonly kind: 'vote-request';
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  /** A leader asked for this election: the lease of the old leader does not protect it (thesis §3.10). */
  readonly transfer: boolean;
  /** The sender's; a voter of higher priority gives its vote to a strictly newer log only. From 0 to 255. */
  readonly priority: number;
}

/**
 * What the sender knows to be committed. Whoever has that entry may commit up to it: a candidate that is refused
 * learns by it that members were changed, and whom it has to ask instead.
 */
interface CommitHint {
  readonly commit: Index;
  readonly commitTerm: Term;
}

export interface VoteResponse extends Envelope, CommitHint {
  readonly kind: 'vote-response';
  readonly granted: boolean;
}

/** Would you vote for me? Changes nothing on either side (thesis §9.6). */
export interface PreVoteRequest extends Envelope {
  readonly kind: 'pre-vote-request';
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  /** As in a {@link VoteRequest}. */
  readonly priority: number;
}

export interface PreVoteResponse extends Envelope, CommitHint {
  readonly kind: 'pre-vote-response';
  readonly granted: boolean;
}

/** AppendEntries RPC (§5.3). */
export interface AppendRequest extends Envelope {
  readonly kind: 'append-request';
  readonly previousIndex: Index;
  readonly previousTerm: Term;
  readonly entries: readonly Entry[];
  readonly commit: Index;
}

export type AppendResponse = AppendAccepted | AppendRejected;

export interface AppendAccepted extends Envelope {
  readonly kind: 'append-response';
  readonly rejected: false;
  /** The log matches the leader's up to here, durably. */
  readonly matchIndex: Index;
}

export interface AppendRejected extends Envelope {
  readonly kind: 'append-response';
  readonly rejected: true;
  /** The `previousIndex` that did not match. */
  readonly rejectedIndex: Index;
  /** Where the leader should look next, with the term found there: skips whole terms (§5.3, last paragraph). */
  readonly hintIndex: Index;
  readonly hintTerm: Term;
}

/** An AppendEntries without entries that only keeps the peace, and carries the reads that wait (thesis §6.4). */
export interface Heartbeat extends Envelope {
  readonly kind: 'heartbeat';
  /** Never above what the receiver is known to have. */
  readonly commit: Index;
  /** The newest read that waits for this round; 0 when none does. */
  readonly readSequence: number;
}

export interface HeartbeatResponse extends Envelope {
  readonly kind: 'heartbeat-response';
  readonly readSequence: number;
}

/** A follower asks its leader at which index a read is linearizable (thesis §6.4). */
export interface ReadIndexRequest extends Envelope {
  readonly kind: 'read-index-request';
  /** The follower's own number for it, given back as it is. */
  readonly context: number;
  readonly proof: ReadProof;
}

export interface ReadIndexResponse extends Envelope {
  readonly kind: 'read-index-response';
  readonly context: number;
  readonly index: Index;
}

/**
 * InstallSnapshot RPC (§7): the receiver lacks entries that its leader's log has no more. Answered by an
 * {@link AppendResponse} once it is durable. The data travels beside the message, as the drivers see fit; whoever sends
 * it tells by `reportSnapshot` what became of it.
 */
export interface InstallSnapshotRequest extends Envelope {
  readonly kind: 'install-snapshot-request';
  readonly snapshot: SnapshotMetadata;
}

/** A leader that gives up its place asks the receiver to campaign at once (thesis §3.10). */
export interface TimeoutNow extends Envelope {
  readonly kind: 'timeout-now';
}

/** A follower passes the wish on to its leader: `transferee` should lead (thesis §3.10). */
export interface TransferRequest extends Envelope {
  readonly kind: 'transfer-request';
  readonly transferee: NodeId;
}

/** An entry that has no place in a log yet. */
export interface ProposedEntry {
  readonly kind: EntryKind;
  readonly data: Uint8Array;
}

/** A follower passes proposals on to its leader; only where `proposalForwarding` is on. Passed on once, never again. */
export interface ProposeRequest extends Envelope {
  readonly kind: 'propose-request';
  readonly entries: readonly ProposedEntry[];
}

/** Between servers. */
export type Message =
  | VoteRequest
  | VoteResponse
  | PreVoteRequest
  | PreVoteResponse
  | AppendRequest
  | AppendResponse
  | Heartbeat
  | HeartbeatResponse
  | ReadIndexRequest
  | ReadIndexResponse
  | InstallSnapshotRequest
  | TimeoutNow
  | TransferRequest
  | ProposeRequest;

/**
 * For the thread that writes, where `asyncStorageWrites` is on: what is to become durable, in the order of the
 * messages, then `responses` leave for the network and `reply` is stepped.
 */
export interface StorageAppend {
  readonly kind: 'storage-append';
  /** As `AppendBatch.snapshot`, whose data the driver received beside the message. */
  readonly snapshot?: SnapshotMetadata;
  readonly entries: readonly Entry[];
  readonly hardState?: HardState;
  readonly responses: readonly Message[];
  readonly reply: StorageAppendResponse;
}

/** That write is durable, and all before it. */
export interface StorageAppendResponse {
  readonly kind: 'storage-append-response';
  /** The write's number. */
  readonly sequence: number;
}

/** For the thread that applies: what is to be applied, in this order; then `reply` is stepped. Never empty. */
export interface StorageApply {
  readonly kind: 'storage-apply';
  readonly entries: readonly Entry[];
  readonly reply: StorageApplyResponse;
}

/** All up to `index` has been applied; also said of a snapshot's index when the state machine was restored from it. */
export interface StorageApplyResponse {
  readonly kind: 'storage-apply-response';
  readonly index: Index;
}

/** Between the core and the threads of its own server; never on the wire. */
export type StorageMessage = StorageAppend | StorageApply;
export type StorageResponse = StorageAppendResponse | StorageApplyResponse;
