import { ByteReader, ByteWriter, plainMessage, unreachable } from '@decoraft/base';
import {
  compareEventPositions,
  DecoraftError,
  type ErrorCode,
  isErrorCode,
  type MachineId,
  type Outcome,
  type SessionId,
  type SubscriptionId,
} from '@decoraft/protocol';
import type { GivenReply, Session } from '../sessions.js';
import type { EndedSubscription, PendingEvent, Subscription } from '../subscriptions.js';
import { readText, writeText } from './text.js';

/** Of the image and of the states in it; a build reads this version and all before it. */
const IMAGE_FORMAT = 1;
/** A length is written in 4 bytes. */
const PART_BYTES_LIMIT = 0xffff_ffff;

/** The state of one machine. */
export interface MachinePart {
  readonly machine: MachineId;
  readonly state: Uint8Array;
}

/** The replicated state of a group behind one entry of its log (§7). */
export interface ReplicaImage {
  /** Of the last entry that was applied. */
  readonly index: number;
  /** The time of the log: see `Replica.time`. */
  readonly time: number;
  /** By their ids. */
  readonly sessions: readonly Session[];
  /** By their ids. */
  readonly subscriptions: readonly Subscription[];
  readonly ended: readonly EndedSubscription[];
  /** By the ids of their machines: the order in which a node registers them is its own affair. */
  readonly parts: readonly MachinePart[];
}

/** Equal states of a group give equal bytes. @throws DecoraftError `Overloaded` for a machine of 4 GiB or more. */
export function encodeImage(image: ReplicaImage): Uint8Array {
  const writer = new ByteWriter(1_024).u8(IMAGE_FORMAT).u53(image.index).f64(image.time);
  writeMany(writer, image.sessions, writeSession);
  const events = eventsOf(image.subscriptions);
  writeMany(writer, events, writeEvent);
  const numbers = new Map(events.map((event, number) => [event, number]));
  writeMany(writer, image.subscriptions, (to, subscription) => writeSubscription(to, subscription, numbers));
  writeMany(writer, image.ended, writeEnded);
  writeMany(writer, image.parts, writePart);
  return writer.finish();
}

/**
 * What {@link encodeImage} wrote, in memory of its own but for the states of the machines, which are views.
 *
 * @throws DecoraftError `Corrupted` that names the section in which it is wrong.
 */
export function decodeImage(bytes: Uint8Array): ReplicaImage {
  const reader = new ByteReader(bytes);
  const { index, time } = section('head', () => readHead(reader));
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
  const parts = section('machines', () => {
    const read = readAscending(reader, readPart, ({ machine }) => machine, PART_BYTES_LIMIT);
    reader.end();
    return read;
  });
  return { index, time, sessions, subscriptions, ended, parts };
}

function section<Result>(name: string, read: () => Result): Result {
  try {
    return read();
  } catch (cause) {
    const words = `the ${name} of a replica's image cannot be read: ${plainMessage(cause)}`;
    throw new DecoraftError('Corrupted', words, { cause });
  }
}

function readHead(reader: ByteReader): { readonly index: number; readonly time: number } {
  const format = reader.u8();
  check(format === IMAGE_FORMAT, `format ${format} is not known to this build`);
  const index = reader.u53();
  const time = reader.f64();
  check(Number.isFinite(time) && time >= 0, `${time} is no time`);
  return { index, time };
}

function writeSession(writer: ByteWriter, { acknowledged, id, replies, timeoutMs }: Session): void {
  writer.u53(id).u32(timeoutMs).u53(acknowledged);
  // In the order in which they were given: what is acknowledged is forgotten from the front.
  writeMany(writer, [...replies], (to, [sequence, { index, outcome, term }]) => {
    writeOutcome(to.u53(sequence).u53(index).u53(term), outcome);
  });
}

function readSession(reader: ByteReader): Session {
  const head = { id: reader.u53() as SessionId, timeoutMs: reader.u32(), acknowledged: reader.u53() };
  const given = readMany(reader, (): [number, GivenReply] => [
    reader.u53(),
    { index: reader.u53(), term: reader.u53(), outcome: readOutcome(reader) },
  ]);
  const replies = new Map(given);
  check(replies.size === given.length, `session ${head.id} has two replies to one question`);
  return { ...head, replies };
}

function writeOutcome(writer: ByteWriter, outcome: Outcome): void {
  switch (outcome.kind) {
    case 'value':
      return void writer.u8(0).bytes(outcome.value);
    case 'error':
      writeText(writer.u8(1).text(outcome.code), outcome.message);
      return void writer.bytes(outcome.data);
    default:
      return unreachable(outcome);
  }
}

function readOutcome(reader: ByteReader): Outcome {
  const kind = reader.u8();
  check(kind <= 1, `no outcome has kind ${kind}`);
  if (kind === 0) return { kind: 'value', value: reader.bytes().slice() };
  const code = readCode(reader);
  return { kind: 'error', code, message: readText(reader, reader.u8()), data: reader.bytes().slice() };
}

function readCode(reader: ByteReader): ErrorCode {
  const code = reader.text();
  if (!isErrorCode(code)) throw new DecoraftError('Corrupted', `no error has code ${code.slice(0, 40)}`);
  return code;
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
  const code = readCode(reader);
  return { id, session, error: new DecoraftError(code, readText(reader, reader.u8())) };
}

function writePart(writer: ByteWriter, { machine, state }: MachinePart): void {
  if (state.length > PART_BYTES_LIMIT) {
    throw new DecoraftError('Overloaded', `the state of machine ${machine} is larger than an image can hold`);
  }
  writer.u32(machine).bytes(state);
}

function readPart(reader: ByteReader): MachinePart {
  return { machine: reader.u32() as MachineId, state: reader.bytes() };
}

function writeMany<Item>(
  writer: ByteWriter,
  items: readonly Item[],
  write: (writer: ByteWriter, item: Item) => void,
): void {
  writer.u32(items.length);
  for (const item of items) write(writer, item);
}

/** A count that lies runs out of bytes before it takes memory. */
function readMany<Item>(reader: ByteReader, read: () => Item): Item[] {
  const items: Item[] = [];
  for (let left = reader.u32(); left > 0; left--) items.push(read());
  return items;
}

/** Items with an id each, none twice; an id is at most `limit`. */
function readAscending<Item>(
  reader: ByteReader,
  read: (reader: ByteReader) => Item,
  idOf: (item: Item) => number,
  limit: number,
): readonly Item[] {
  let last = -1;
  return readMany(reader, () => {
    const item = read(reader);
    const id = idOf(item);
    check(id > last && id <= limit, `id ${id} is out of order, or beyond ${limit}`);
    last = id;
    return item;
  });
}

function check(condition: boolean, otherwise: string): void {
  if (!condition) throw new DecoraftError('Corrupted', otherwise);
}
