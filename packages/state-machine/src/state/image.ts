import { ByteReader, ByteWriter, plainMessage } from '@decoraft/base';
import {
  compareEventPositions,
  DecoraftError,
  type GroupLimits,
  type MachineId,
  readGroupLimits,
  type SessionId,
  type SubscriptionId,
  writeGroupLimits,
} from '@decoraft/protocol';
import type { Session } from '../sessions.js';
import type { EndedSubscription, PendingEvent, Subscription } from '../subscriptions.js';
import { check, readAscending, readMany, writeMany } from './many.js';
import { readErrorCode, readOrders, readSession, writeOrders, writeSession } from './session-image.js';
import { readText, writeText } from './text.js';

/** A length is written in 4 bytes. */
const PART_BYTES_LIMIT = 0xffff_ffff;

/** The state of one machine. */
export interface MachinePart {
  readonly machine: MachineId;
  readonly state: Uint8Array;
}

/** What of a group's replicated state belongs to no machine, behind one entry of its log (§7). */
export interface ImageHead {
  /** Of the last entry that was applied. */
  readonly index: number;
  /** The time of the log: see `Replica.time`. */
  readonly time: number;
  /** By their ids. */
  readonly sessions: readonly Session[];
  /** By their ids. */
  readonly subscriptions: readonly Subscription[];
  readonly ended: readonly EndedSubscription[];
  /** What was agreed on; `undefined` when nothing ever was. */
  readonly limits?: Partial<GroupLimits> | undefined;
}

/** The replicated state of a group behind one entry of its log. */
export interface ReplicaImage extends ImageHead {
  /** By the ids of their machines: the order in which a node registers them is its own affair. */
  readonly parts: readonly MachinePart[];
}

/** Equal states of a group give equal bytes. */
export function encodeHead(head: ImageHead): Uint8Array {
  const writer = new ByteWriter(1_024).u53(head.index).f64(head.time);
  writeMany(writer, head.sessions, writeSession);
  const events = eventsOf(head.subscriptions);
  writeMany(writer, events, writeEvent);
  const numbers = new Map(events.map((event, number) => [event, number]));
  writeMany(writer, head.subscriptions, (to, subscription) => writeSubscription(to, subscription, numbers));
  writeMany(writer, head.ended, writeEnded);
  // What follows came with format 3, at the end: what stands before it is read as ever.
  writeOrders(writer, head.sessions);
  writer.u8(Number(head.limits !== undefined));
  if (head.limits) writeGroupLimits(writer, head.limits);
  return writer.finish();
}

/**
 * What {@link encodeHead} wrote, or that of an earlier build, in memory of its own.
 *
 * @param format Of the image: 2 or 3.
 * @throws DecoraftError `Corrupted` that names the section in which it is wrong.
 */
export function decodeHead(bytes: Uint8Array, format: number): ImageHead {
  const reader = new ByteReader(bytes);
  const head = readHead(reader);
  if (format < 3) {
    section('ended subscriptions', () => reader.end());
    return head;
  }
  section('order of the sessions', () => readOrders(reader, head.sessions));
  const limits = section('limits', () => (reader.u8() === 1 ? readGroupLimits(reader) : undefined));
  section('limits', () => reader.end());
  return { ...head, limits };
}

/**
 * An image of format 1, behind its first byte: the head, and every machine's part with its length. In memory of its
 * own but for the states of the machines, which are views.
 *
 * @throws DecoraftError `Corrupted` that names the section in which it is wrong.
 */
export function decodeFirstFormat(bytes: Uint8Array): ReplicaImage {
  const reader = new ByteReader(bytes);
  const head = readHead(reader);
  const parts = section('machines', () => {
    const read = readAscending(reader, readPart, ({ machine }) => machine, PART_BYTES_LIMIT);
    reader.end();
    return read;
  });
  return { ...head, parts };
}

function readHead(reader: ByteReader): ImageHead {
  const { index, time } = section('head', () => readPlace(reader));
  const sessions = section('sessions', () => readAscending(reader, readSession, ({ id }) => id, index));
  const known = new Set(sessions.map(({ id }) => id));
  const events = section('events', () => readEvents(reader, index));
  const subscriptions = section('subscriptions', () =>
    readAscending(
      reader,
      () => readSubscription(reader, events, known),
      ({ id }) => id,
      index,
    ),
  );
  const ended = section('ended subscriptions', () => readMany(reader, () => readEnded(reader, known)));
  return { index, time, sessions, subscriptions, ended };
}

function section<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    const words = `the ${name} of a replica's image cannot be read: ${plainMessage(cause)}`;
    throw new DecoraftError('Corrupted', words, { cause });
  }
}

function readPlace(reader: ByteReader): { readonly index: number; readonly time: number } {
  const index = reader.u53();
  const time = reader.f64();
  check(Number.isFinite(time) && time >= 0, `${time} is no time`);
  return { index, time };
}

/** An event that many wait for is written once. Its subscribers share it in memory, so it is told by identity. */
function eventsOf(subscriptions: readonly Subscription[]): readonly PendingEvent[] {
  const events = new Set(subscriptions.flatMap(({ pending }) => pending));
  return [...events].toSorted((left, right) => compareEventPositions(left.position, right.position));
}

function writeEvent(writer: ByteWriter, { position, value }: PendingEvent): void {
  writer.u53(position.index).u32(position.ordinal).bytes(value);
}

function readEvents(reader: ByteReader, limit: number): readonly PendingEvent[] {
  let last = { index: 0, ordinal: -1 };
  return readMany(reader, () => {
    const position = { index: reader.u53(), ordinal: reader.u32() };
    check(compareEventPositions(last, position) < 0, `event ${show(position)} stands behind ${show(last)}`);
    check(position.index <= limit, `event ${show(position)} stands behind the image's own index, ${limit}`);
    last = position;
    return { position, value: reader.bytes().slice() };
  });
}

const show = ({ index, ordinal }: PendingEvent['position']): string => `${index}.${ordinal}`;

function writeSubscription(
  writer: ByteWriter,
  { id, key, pending, session }: Subscription,
  numbers: ReadonlyMap<PendingEvent, number>,
): void {
  // A key has one character a byte.
  const keyBytes = Uint8Array.from({ length: key.length }, (_, at) => key.charCodeAt(at));
  writer.u53(id).u53(session).bytes(keyBytes);
  writeMany(writer, pending, (to, event) => to.u32(numbers.get(event) ?? 0));
}

function readSubscription(
  reader: ByteReader,
  events: readonly PendingEvent[],
  sessions: ReadonlySet<SessionId>,
): Subscription {
  const id = reader.u53() as SubscriptionId;
  const session = readOwner(reader, sessions, id);
  const key = Array.from(reader.bytes(), (byte) => String.fromCharCode(byte)).join('');
  check(/^\d+\/\d+\//.test(key), `subscription ${id} is to no event`);
  let last = -1;
  let pendingBytes = 0;
  const pending = readMany(reader, () => {
    const number = reader.u32();
    const event = events[number];
    if (!event || number <= last)
      throw new DecoraftError('Corrupted', `subscription ${id} waits for no event`);
    last = number;
    pendingBytes += event.value.length;
    return event;
  });
  return { id, session, key, pending, pendingBytes };
}

function readOwner(reader: ByteReader, sessions: ReadonlySet<SessionId>, id: SubscriptionId): SessionId {
  const session = reader.u53() as SessionId;
  check(sessions.has(session), `subscription ${id} belongs to session ${session}, which is not there`);
  return session;
}

function writeEnded(writer: ByteWriter, { error, id, session }: EndedSubscription): void {
  writeText(writer.u53(id).u53(session).text(error.code), plainMessage(error));
}

function readEnded(reader: ByteReader, sessions: ReadonlySet<SessionId>): EndedSubscription {
  const id = reader.u53() as SubscriptionId;
  const session = readOwner(reader, sessions, id);
  const code = readErrorCode(reader);
  return { id, session, error: new DecoraftError(code, readText(reader, reader.u8())) };
}

function readPart(reader: ByteReader): MachinePart {
  return { machine: reader.u32() as MachineId, state: reader.bytes() };
}
