import { ByteReader, ByteWriter, unreachable } from '@decoraft/base';
import { type Consistency, consistencyFrom, CONSISTENCY_CODE } from './consistency.js';
import { type ErrorCode, isErrorCode } from './errors.js';
import type { MachineId, OperationId, SessionId } from './ids.js';
import { readPositions, type SubscriptionPosition, writePositions } from './proposal.js';

/** The methods of a group's RPC service. Names are hashed to method ids: never renamed. */
export const GROUP_METHOD = {
  /** One-way, between servers: a Raft message. */
  step: 'step',
  /** Unary: a proposal; a server that does not lead passes it on. */
  propose: 'propose',
  /** Unary, between servers: a proposal that was passed on once already and is not passed on again. */
  forward: 'forward',
  /** Unary: a query at some consistency. */
  query: 'query',
  /** Unary, to the leader: the client of a session is alive, and has seen events up to these positions. */
  keepAlive: 'keep-alive',
  /** Server stream, from the leader: the events of a session, resumed behind these positions. */
  events: 'events',
  /** {@link keepAlive} from a client that cannot reach the leader itself: whoever is asked passes it on, once. */
  relayKeepAlive: 'relay-keep-alive',
  /** {@link events} in the same way. */
  relayEvents: 'relay-events',
  /** Unary: who leads, who is a member, how far this server is. */
  info: 'info',
  /** Unary, to the leader: a server asks to be taken in; answered by the members as they are then. */
  join: 'join',
  /** Unary, to the leader: a member leaves for good. */
  remove: 'remove',
  /** Unary, to the leader: another voter is to lead; an empty name leaves the choice to the leader. */
  transfer: 'transfer',
  /** Unary, to the leader: limits that the group agrees on, as a `configure` proposal. */
  configure: 'configure',
  /** Unary: the number of the disk that a member is known with; 0 when it is not known. */
  memberDisk: 'member-disk',
  /** Unary, to the leader: what the state of a server comes to. */
  stateHashes: 'state-hashes',
  /** Unary, between servers: the versions of the machines that this server can run. */
  machines: 'machines',
  /** Unary, from the leader: a piece of a snapshot. */
  installSnapshot: 'install-snapshot',
} as const;

/** The deterministic end of a proposal, or the end of a query: a value, or an error that is part of the answer. */
export type Outcome =
  | { readonly kind: 'value'; readonly value: Uint8Array }
  | { readonly kind: 'error'; readonly code: ErrorCode; readonly message: string; readonly data: Uint8Array };

/** The answer to a proposal or a query. */
export interface Reply {
  /** A number of the cluster that answers: indexes mean something within one only. */
  readonly cluster: number;
  /** Of the entry, or for a query the index that had been applied. */
  readonly index: number;
  readonly term: number;
  /** Where to send the next proposal, when the one who answers knows better than the client. */
  readonly leaderAddress?: string;
  readonly outcome: Outcome;
}

export function encodeReply(reply: Reply): Uint8Array {
  const { outcome } = reply;
  const writer = new ByteWriter(52)
    .u32(reply.cluster)
    .u53(reply.index)
    .u53(reply.term)
    .text(reply.leaderAddress ?? '');
  switch (outcome.kind) {
    case 'value':
      return writer.u8(0).raw(outcome.value).finish();
    case 'error':
      return writer.u8(1).text(outcome.code).text(outcome.message).raw(outcome.data).finish();
    default:
      return unreachable(outcome);
  }
}

export function decodeReply(bytes: Uint8Array): Reply {
  const reader = new ByteReader(bytes);
  const head = { cluster: reader.u32(), index: reader.u53(), term: reader.u53() };
  const leaderAddress = reader.text();
  const outcome = readOutcome(reader);
  return leaderAddress ? { ...head, leaderAddress, outcome } : { ...head, outcome };
}

function readOutcome(reader: ByteReader): Outcome {
  const code = reader.u8();
  if (code === 0) return { kind: 'value', value: reader.rest() };
  const errorCode = reader.text();
  const message = reader.text();
  if (!isErrorCode(errorCode)) return { kind: 'error', code: 'Internal', message, data: reader.rest() };
  return { kind: 'error', code: errorCode, message, data: reader.rest() };
}

export interface QueryRequest {
  readonly consistency: Consistency;
  readonly machine: MachineId;
  readonly operation: OperationId;
  /** The cluster that the client has seen, as answers named it; 0 while it has seen none. */
  readonly cluster: number;
  /** The highest index that the client has seen there: only a `local` answer may be older. */
  readonly minIndex: number;
  readonly args: Uint8Array;
}

export function encodeQuery(query: QueryRequest): Uint8Array {
  return new ByteWriter(36 + query.args.length)
    .u8(CONSISTENCY_CODE[query.consistency])
    .u32(query.machine)
    .u32(query.operation)
    .u32(query.cluster)
    .u53(query.minIndex)
    .raw(query.args)
    .finish();
}

export function decodeQuery(bytes: Uint8Array): QueryRequest {
  const reader = new ByteReader(bytes);
  return {
    consistency: consistencyFrom(reader.u8()),
    machine: reader.u32() as MachineId,
    operation: reader.u32() as OperationId,
    cluster: reader.u32(),
    minIndex: reader.u53(),
    args: reader.rest(),
  };
}

/** The request of both `keepAlive` and `events`. */
export interface SessionPositions {
  readonly session: SessionId;
  readonly positions: readonly SubscriptionPosition[];
}

export function encodeSessionPositions(request: SessionPositions): Uint8Array {
  const writer = new ByteWriter().u53(request.session);
  writePositions(writer, request.positions);
  return writer.finish();
}

export function decodeSessionPositions(bytes: Uint8Array): SessionPositions {
  const reader = new ByteReader(bytes);
  const request = { session: reader.u53() as SessionId, positions: readPositions(reader) };
  reader.end();
  return request;
}

/** What `info` answers: the view of the node that was asked. */
export interface GroupInfo {
  /** See {@link Reply.cluster}. */
  readonly cluster: number;
  readonly id: string;
  readonly role: string;
  readonly term: number;
  readonly leader: string | undefined;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly lastIndex: number;
  readonly members: readonly GroupMember[];
  /** The versions of the machines that the group has agreed on; absent in what builds before 0.2 answer. */
  readonly machines?: readonly { readonly name: string; readonly version: number }[];
  /** Of a leader: later versions that wait, and for whom, in words. */
  readonly waiting?: readonly string[];
}

/**
 * What a member may do: `voter` has a vote, `learner` only follows; while the configuration is joint (§6), `joining`
 * and `leaving` voters vote in one half of it.
 */
export type MemberRole = 'voter' | 'learner' | 'joining' | 'leaving';

export interface GroupMember {
  readonly id: string;
  readonly address: string;
  readonly role: MemberRole;
}
