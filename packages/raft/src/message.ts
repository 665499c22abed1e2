import type { Entry } from './entry.js';
import type { Index, NodeId, Term } from './ids.js';

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
}

export interface VoteResponse extends Envelope {
  readonly kind: 'vote-response';
  readonly granted: boolean;
}

/** Would you vote for me? Changes nothing on either side (thesis §9.6). */
export interface PreVoteRequest extends Envelope {
  readonly kind: 'pre-vote-request';
  readonly lastIndex: Index;
  readonly lastTerm: Term;
}

export interface PreVoteResponse extends Envelope {
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
}

export interface ReadIndexResponse extends Envelope {
  readonly kind: 'read-index-response';
  readonly context: number;
  readonly index: Index;
}

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
  | ReadIndexResponse;
