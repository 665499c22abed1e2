import { type ByteReader, type ByteWriter, plainMessage } from '@decoraft/base';
import {
  compareEventPositions,
  DecoraftError,
  type EventPosition,
  type SessionId,
  type SubscriptionId,
} from '@decoraft/protocol';
import type {
  EndedSubscription,
  EventImage,
  SubscriptionImage,
  SubscriptionsImage,
  TopicImage,
} from '../subscriptions.js';
import { check, readAscending, readMany, writeMany } from './many.js';
import { readErrorCode } from './session-image.js';
import { readText, writeText } from './text.js';

/** What of an image stands in front of the subscriptions, and says what they may be. */
export interface Before {
  /** The image's own. */
  readonly index: number;
  readonly sessions: ReadonlySet<SessionId>;
}

/** Every topic with its events and its subscriptions, then those that have ended. */
export function writeSubscriptions(writer: ByteWriter, { ended, topics }: SubscriptionsImage): void {
  writeMany(writer, topics, writeTopic);
  writeMany(writer, ended, writeEnded);
}

/** What {@link writeSubscriptions} wrote. @throws what says that it is wrong. */
export function readSubscriptions(reader: ByteReader, before: Before): SubscriptionsImage {
  const ids = new Set<SubscriptionId>();
  const topics = readMany(reader, () => readTopic(reader, before));
  for (const { id } of topics.flatMap(({ subscriptions }) => subscriptions)) {
    check(!ids.has(id), `subscription ${id} is there twice`);
    ids.add(id);
  }
  return { topics, ended: readEndedOnes(reader, before) };
}

function writeTopic(writer: ByteWriter, { events, key, subscriptions }: TopicImage): void {
  // A key has one character a byte.
  writer.bytes(Uint8Array.from({ length: key.length }, (_, at) => key.charCodeAt(at)));
  writeMany(writer, events, (to, { position, value }) =>
    to.u53(position.index).u32(position.ordinal).bytes(value),
  );
  writeMany(writer, subscriptions, (to, { id, seen, session }) => to.u53(id).u53(session).u32(seen));
}

function readTopic(reader: ByteReader, before: Before): TopicImage {
  const key = readKey(reader);
  const events = readEvents(reader, before);
  const subscriptions = readAscending(
    reader,
    (): SubscriptionImage => {
      const id = reader.u53() as SubscriptionId;
      const session = readOwner(reader, before, id);
      const seen = reader.u32();
      check(seen <= events.length, `subscription ${id} has seen ${seen} of ${events.length} events`);
      return { id, session, seen };
    },
    ({ id }) => id,
    before.index,
  );
  check(subscriptions.length > 0, 'events that nobody waits for');
  return { key, events, subscriptions };
}

/**
 * What formats 1 and 2 have: all events, and every subscription with its key and the numbers of its own events. Those
 * of one key are the last so many of the key's events.
 */
export function readListedSubscriptions(reader: ByteReader, before: Before): SubscriptionsImage {
  const events = readEvents(reader, before);
  const listed = readAscending(
    reader,
    () => readListed(reader, events, before),
    ({ id }) => id,
    before.index,
  );
  const byKey = new Map<string, ListedSubscription[]>();
  for (const one of listed) byKey.set(one.key, [...(byKey.get(one.key) ?? []), one]);
  return { topics: Array.from(byKey, topicOf), ended: readEndedOnes(reader, before) };
}

interface ListedSubscription {
  readonly id: SubscriptionId;
  readonly session: SessionId;
  readonly key: string;
  readonly pending: readonly EventImage[];
}

function topicOf([key, listed]: [string, readonly ListedSubscription[]]): TopicImage {
  const events = listed.reduce<readonly EventImage[]>(
    (longest, { pending }) => (pending.length > longest.length ? pending : longest),
    [],
  );
  const subscriptions = listed.map(({ id, pending, session }) => {
    const isTail = pending.length === 0 || pending[0] === events.at(-pending.length);
    check(isTail, `subscription ${id} waits for other events than those of its key`);
    return { id, session, seen: events.length - pending.length };
  });
  return { key, events, subscriptions };
}

function readListed(reader: ByteReader, events: readonly EventImage[], before: Before): ListedSubscription {
  const id = reader.u53() as SubscriptionId;
  const session = readOwner(reader, before, id);
  const key = readKey(reader);
  let last = -1;
  const pending = readMany(reader, () => {
    const number = reader.u32();
    const event = events[number];
    if (!event || number <= last)
      throw new DecoraftError('Corrupted', `subscription ${id} waits for no event`);
    last = number;
    return event;
  });
  return { id, session, key, pending };
}

function readKey(reader: ByteReader): string {
  const key = Array.from(reader.bytes(), (byte) => String.fromCharCode(byte)).join('');
  check(/^\d+\/\d+\//.test(key), 'a subscription is to no event');
  return key;
}

function readEvents(reader: ByteReader, { index }: Before): readonly EventImage[] {
  let last = { index: 0, ordinal: -1 };
  return readMany(reader, () => {
    const position = { index: reader.u53(), ordinal: reader.u32() };
    check(compareEventPositions(last, position) < 0, `event ${show(position)} stands behind ${show(last)}`);
    check(position.index <= index, `event ${show(position)} stands behind the image's own index, ${index}`);
    last = position;
    return { position, value: reader.bytes().slice() };
  });
}

const show = ({ index, ordinal }: EventPosition): string => `${index}.${ordinal}`;

function readOwner(reader: ByteReader, { sessions }: Before, id: SubscriptionId): SessionId {
  const session = reader.u53() as SessionId;
  check(sessions.has(session), `subscription ${id} belongs to session ${session}, which is not there`);
  return session;
}

function writeEnded(writer: ByteWriter, { error, id, session }: EndedSubscription): void {
  writeText(writer.u53(id).u53(session).text(error.code), plainMessage(error));
}

function readEndedOnes(reader: ByteReader, before: Before): readonly EndedSubscription[] {
  return readMany(reader, () => {
    const id = reader.u53() as SubscriptionId;
    const session = readOwner(reader, before, id);
    const code = readErrorCode(reader);
    return { id, session, error: new DecoraftError(code, readText(reader, reader.u8())) };
  });
}
