import { ByteReader, ByteWriter, plainMessage } from '@decoraft/base';
import {
  type AgreedMachine,
  DecoraftError,
  type GroupLimits,
  type MachineId,
  readAgreedMachine,
  readGroupLimits,
  writeAgreedMachine,
  writeGroupLimits,
} from '@decoraft/protocol';
import type { Session } from '../sessions.js';
import type { SubscriptionsImage } from '../subscriptions.js';
import type { MachineTimers } from '../timers.js';
import { check, readAscending, writeMany } from './many.js';
import { readOrders, readSession, writeOrders, writeSession } from './session-image.js';
import { readListedSubscriptions, readSubscriptions, writeSubscriptions } from './subscriptions-image.js';
import { readTimers, writeTimers } from './timer-image.js';

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
  readonly subscriptions: SubscriptionsImage;
  /** What was agreed on; `undefined` when nothing ever was. */
  readonly limits?: Partial<GroupLimits> | undefined;
  /** By the ids of the machines; none when they are not given. */
  readonly timers?: readonly MachineTimers[];
  /** What was agreed on about machines, by their ids; nothing when it is not given. */
  readonly agreed?: readonly AgreedMachine[];
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
  writeSubscriptions(writer, head.subscriptions);
  // What follows came with format 3.
  writeOrders(writer, head.sessions);
  writer.u8(Number(head.limits !== undefined));
  if (head.limits) writeGroupLimits(writer, head.limits);
  writeTimers(writer, head.timers ?? []);
  // What follows came with format 4.
  writeMany(writer, head.agreed ?? [], writeAgreedMachine);
  return writer.finish();
}

/**
 * What {@link encodeHead} wrote, or that of an earlier build, in memory of its own.
 *
 * @param format Of the image: 2 to 4.
 * @throws DecoraftError `Corrupted` that names the section in which it is wrong.
 */
export function decodeHead(bytes: Uint8Array, format: number): ImageHead {
  const reader = new ByteReader(bytes);
  const head = readHead(reader, format);
  if (format < 3) {
    section('subscriptions', () => reader.end());
    return head;
  }
  section('order of the sessions', () => readOrders(reader, head.sessions));
  const limits = section('limits', () => (reader.u8() === 1 ? readGroupLimits(reader) : undefined));
  const timers = section('timers', () => readTimers(reader));
  if (format < 4) {
    section('timers', () => reader.end());
    return { ...head, limits, timers };
  }
  const agreed = section('versions of the machines', () => {
    const read = readAscending(reader, readAgreedMachine, ({ machine }) => machine, PART_BYTES_LIMIT);
    reader.end();
    return read;
  });
  return { ...head, limits, timers, agreed };
}

/**
 * An image of format 1, behind its first byte: the head, and every machine's part with its length. In memory of its
 * own but for the states of the machines, which are views.
 *
 * @throws DecoraftError `Corrupted` that names the section in which it is wrong.
 */
export function decodeFirstFormat(bytes: Uint8Array): ReplicaImage {
  const reader = new ByteReader(bytes);
  const head = readHead(reader, 1);
  const parts = section('machines', () => {
    const read = readAscending(reader, readPart, ({ machine }) => machine, PART_BYTES_LIMIT);
    reader.end();
    return read;
  });
  return { ...head, parts };
}

function readHead(reader: ByteReader, format: number): ImageHead {
  const { index, time } = section('head', () => readPlace(reader));
  const sessions = section('sessions', () => readAscending(reader, readSession, ({ id }) => id, index));
  const read = format < 3 ? readListedSubscriptions : readSubscriptions;
  const subscriptions = section('subscriptions', () =>
    read(reader, { index, sessions: new Set(sessions.map(({ id }) => id)) }),
  );
  return { index, time, sessions, subscriptions };
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

function readPart(reader: ByteReader): MachinePart {
  return { machine: reader.u32() as MachineId, state: reader.bytes() };
}
