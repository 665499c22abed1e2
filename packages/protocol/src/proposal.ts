import { ByteReader, ByteWriter, unreachable } from '@decoraft/base';
import { type AgreedMachine, readAgreedMachine, writeAgreedMachine } from './agreed-machines.js';
import { DecoraftError } from './errors.js';
import { type GroupLimits, readGroupLimits, writeGroupLimits } from './group-limits.js';
import type { MachineId, OperationId, SessionId, SubscriptionId } from './ids.js';

/**
 * What a client asks the group to agree on. `sequence` numbers what a session asks, from 1, without gaps;
 * `acknowledged` says up to which number the client has all answers, so that the replicas may forget them
 * (thesis §6.3).
 */
export type Proposal =
  | CommandProposal
  | OpenSessionProposal
  | CloseSessionProposal
  | ExpireSessionsProposal
  | SubscribeProposal
  | UnsubscribeProposal
  | AcknowledgeEventsProposal
  | EventsSeenProposal
  | StateCheckProposal
  | StateHashesProposal
  | ConfigureProposal
  | AdvanceTimeProposal
  | AgreeMachinesProposal;

/** Who asks, and which of its questions this is. */
export interface Origin {
  readonly session: SessionId;
  readonly sequence: number;
  readonly acknowledged: number;
}

export interface CommandProposal {
  readonly kind: 'command';
  readonly origin: Origin;
  readonly machine: MachineId;
  readonly operation: OperationId;
  /** The positional arguments as the client encoded them. */
  readonly args: Uint8Array;
}

export interface OpenSessionProposal {
  readonly kind: 'open-session';
  /** How long the session lives without a sign of its client. */
  readonly timeoutMs: number;
  /**
   * What the session asks is applied in the order of its sequence numbers, or refused. Absent in what builds before
   * 0.2 wrote: their commands are applied in the order in which they came into the log.
   */
  readonly isOrdered?: true;
}

export interface CloseSessionProposal {
  readonly kind: 'close-session';
  readonly session: SessionId;
}

/** Only a leader proposes this, of sessions that it has not heard of for their whole timeout. */
export interface ExpireSessionsProposal {
  readonly kind: 'expire-sessions';
  readonly sessions: readonly SessionId[];
}

export interface SubscribeProposal {
  readonly kind: 'subscribe';
  readonly origin: Origin;
  readonly machine: MachineId;
  readonly operation: OperationId;
  readonly args: Uint8Array;
}

export interface UnsubscribeProposal {
  readonly kind: 'unsubscribe';
  readonly origin: Origin;
  readonly subscription: SubscriptionId;
}

/** How far the client of a session has consumed its subscriptions. Read, and no longer written: see {@link EventsSeenProposal}. */
export interface AcknowledgeEventsProposal {
  readonly kind: 'acknowledge-events';
  readonly session: SessionId;
  readonly positions: readonly SubscriptionPosition[];
}

/** Only a leader proposes this: how far clients, however many, have consumed their subscriptions since the last one. */
export interface EventsSeenProposal {
  readonly kind: 'events-seen';
  readonly places: readonly SeenPlace[];
}

/** Many have mostly seen the same. */
export interface SeenPlace {
  readonly position: EventPosition;
  /** The clients of these have consumed all up to the position. */
  readonly subscriptions: readonly SubscriptionId[];
}

/** Only a leader proposes this: all replicas are to compare what they have become with this very entry. */
export interface StateCheckProposal {
  readonly kind: 'state-check';
  /** Who is asked: the servers of the group by their ids. More than half of them make a majority. */
  readonly nodes: readonly string[];
}

/** Only a server proposes this, of itself: the answer to a {@link StateCheckProposal}. */
export interface StateHashesProposal {
  readonly kind: 'state-hashes';
  /** The id of the server. */
  readonly node: string;
  /** Of the entry that asked. */
  readonly index: number;
  readonly hashes: readonly MachineHash[];
}

/** Only a leader proposes this: limits that the group agrees on from now on. */
export interface ConfigureProposal {
  readonly kind: 'configure';
  /** Of no effect when the group has agreed on limits before: what one server was started with is no order. */
  readonly onlyFirst: boolean;
  /** Those that are not named stay as they are. */
  readonly limits: Partial<GroupLimits>;
}

/** Only a leader proposes this: nothing else does it, and a timer is due. What it does, its time does. */
export interface AdvanceTimeProposal {
  readonly kind: 'advance-time';
}

/**
 * Only a leader proposes this: from the entry on, calls to these machines are checked by these tables, and they behave as
 * these versions do, on every replica, whatever later version its code has.
 */
export interface AgreeMachinesProposal {
  readonly kind: 'agree-machines';
  /** Of no effect unless it is the first thing that the group hears of: what one server has is no order. */
  readonly onlyFirst: boolean;
  /** Those that are not named stay as they are, and none goes back to an earlier version. */
  readonly machines: readonly AgreedMachine[];
}

/** What one machine's state comes to; that of `MASTER_MACHINE` is all that belongs to no machine. */
export interface MachineHash {
  readonly machine: MachineId;
  /** Compared, never read. */
  readonly hash: string;
}

/** The place of an event: the log index of the command, and the event's number within it. */
export interface EventPosition {
  readonly index: number;
  readonly ordinal: number;
}

/** The last event of a subscription that its client has seen. */
export interface SubscriptionPosition {
  readonly subscription: SubscriptionId;
  readonly position: EventPosition;
}

/** The place before the first event. */
export const BEFORE_ALL_EVENTS: EventPosition = { index: 0, ordinal: 0 };

/** Negative, zero or positive, as `left` stands before, at or behind `right`. */
export function compareEventPositions(left: EventPosition, right: EventPosition): number {
  return left.index - right.index || left.ordinal - right.ordinal;
}

/** One byte on the wire and on disk; never renumbered. */
const KIND = {
  command: 1,
  'open-session': 2,
  'close-session': 3,
  'expire-sessions': 4,
  subscribe: 5,
  unsubscribe: 6,
  'acknowledge-events': 7,
  'state-check': 8,
  'state-hashes': 9,
  'events-seen': 12,
  configure: 10,
  'advance-time': 11,
  'agree-machines': 13,
} as const satisfies Record<Proposal['kind'], number>;

/** Behind the timeout of a session whose questions are applied in order. */
const ORDERED = 1;

const KIND_OF_CODE: ReadonlyMap<number, Proposal['kind']> = new Map(
  Object.entries(KIND).map(([kind, code]) => [code, kind as Proposal['kind']]),
);

export function encodeProposal(proposal: Proposal): Uint8Array {
  const writer = new ByteWriter(64).u8(KIND[proposal.kind]);
  switch (proposal.kind) {
    case 'command':
    case 'subscribe':
      writeOrigin(writer, proposal.origin);
      return writer.u32(proposal.machine).u32(proposal.operation).raw(proposal.args).finish();
    case 'open-session':
      writer.u32(proposal.timeoutMs);
      return (proposal.isOrdered ? writer.u8(ORDERED) : writer).finish();
    case 'close-session':
      return writer.u53(proposal.session).finish();
    case 'expire-sessions':
      writer.u32(proposal.sessions.length);
      for (const session of proposal.sessions) writer.u53(session);
      return writer.finish();
    case 'unsubscribe':
      writeOrigin(writer, proposal.origin);
      return writer.u53(proposal.subscription).finish();
    case 'acknowledge-events':
      writePositions(writer.u53(proposal.session), proposal.positions);
      return writer.finish();
    case 'events-seen':
      writer.u32(proposal.places.length);
      for (const { position, subscriptions } of proposal.places) {
        writer.u53(position.index).u32(position.ordinal).u32(subscriptions.length);
        for (const subscription of subscriptions) writer.u53(subscription);
      }
      return writer.finish();
    case 'state-check':
      writer.u32(proposal.nodes.length);
      for (const node of proposal.nodes) writer.text(node);
      return writer.finish();
    case 'state-hashes':
      writer.text(proposal.node).u53(proposal.index).u32(proposal.hashes.length);
      for (const { machine, hash } of proposal.hashes) writer.u32(machine).text(hash);
      return writer.finish();
    case 'configure':
      writeGroupLimits(writer.u8(Number(proposal.onlyFirst)), proposal.limits);
      return writer.finish();
    case 'advance-time':
      return writer.finish();
    case 'agree-machines':
      writer.u8(Number(proposal.onlyFirst)).u32(proposal.machines.length);
      for (const machine of proposal.machines) writeAgreedMachine(writer, machine);
      return writer.finish();
    default:
      return unreachable(proposal);
  }
}

/** @throws CodedError `InvalidArgument` when the bytes are not a proposal. */
export function decodeProposal(bytes: Uint8Array): Proposal {
  const reader = new ByteReader(bytes);
  const code = reader.u8();
  const kind = KIND_OF_CODE.get(code);
  if (!kind) throw new DecoraftError('InvalidArgument', `no proposal has kind ${code}`);
  const proposal = readBody(kind, reader);
  reader.end();
  return proposal;
}

function readBody(kind: Proposal['kind'], reader: ByteReader): Proposal {
  switch (kind) {
    case 'command':
    case 'subscribe':
      return {
        kind,
        origin: readOrigin(reader),
        machine: reader.u32() as MachineId,
        operation: reader.u32() as OperationId,
        args: reader.rest(),
      };
    case 'open-session':
      return readOpenSession(reader.u32(), reader);
    case 'close-session':
      return { kind, session: reader.u53() as SessionId };
    case 'expire-sessions':
      return { kind, sessions: readMany(reader, () => reader.u53() as SessionId) };
    case 'unsubscribe':
      return { kind, origin: readOrigin(reader), subscription: reader.u53() as SubscriptionId };
    case 'acknowledge-events':
      return { kind, session: reader.u53() as SessionId, positions: readPositions(reader) };
    case 'events-seen':
      return {
        kind,
        places: readMany(reader, () => ({
          position: { index: reader.u53(), ordinal: reader.u32() },
          subscriptions: readMany(reader, () => reader.u53() as SubscriptionId),
        })),
      };
    case 'state-check':
      return { kind, nodes: readMany(reader, () => reader.text()) };
    case 'state-hashes':
      return {
        kind,
        node: reader.text(),
        index: reader.u53(),
        hashes: readMany(reader, () => ({ machine: reader.u32() as MachineId, hash: reader.text() })),
      };
    case 'configure':
      return { kind, onlyFirst: reader.u8() === 1, limits: readGroupLimits(reader) };
    case 'advance-time':
      return { kind };
    case 'agree-machines':
      return {
        kind,
        onlyFirst: reader.u8() === 1,
        machines: readMany(reader, () => readAgreedMachine(reader)),
      };
    default:
      return unreachable(kind);
  }
}

function readOpenSession(timeoutMs: number, reader: ByteReader): OpenSessionProposal {
  const kind = 'open-session';
  const [mark, ...more] = reader.rest();
  if (mark === undefined) return { kind, timeoutMs };
  if (mark === ORDERED && more.length === 0) return { kind, timeoutMs, isOrdered: true };
  throw new DecoraftError('InvalidArgument', 'no session is opened like this');
}

function writeOrigin(writer: ByteWriter, origin: Origin): void {
  writer.u53(origin.session).u53(origin.sequence).u53(origin.acknowledged);
}

function readOrigin(reader: ByteReader): Origin {
  return { session: reader.u53() as SessionId, sequence: reader.u53(), acknowledged: reader.u53() };
}

export function writePositions(writer: ByteWriter, positions: readonly SubscriptionPosition[]): void {
  writer.u32(positions.length);
  for (const { subscription, position } of positions) {
    writer.u53(subscription).u53(position.index).u32(position.ordinal);
  }
}

export function readPositions(reader: ByteReader): readonly SubscriptionPosition[] {
  return readMany(reader, () => ({
    subscription: reader.u53() as SubscriptionId,
    position: { index: reader.u53(), ordinal: reader.u32() },
  }));
}

/** Reads a count and as many items; a count that lies runs out of bytes before it takes memory. */
export function readMany<Item>(reader: ByteReader, readItem: () => Item): readonly Item[] {
  const items: Item[] = [];
  for (let left = reader.u32(); left > 0; left--) items.push(readItem());
  return items;
}
