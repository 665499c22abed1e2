import type { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError } from './errors.js';

/** Where a group ends what it keeps for its clients; agreed on through the log, and equal on all replicas. */
export interface GroupLimits {
  /** Sessions that the group holds; one more is refused with `Overloaded`. */
  readonly sessions: number;
  /** Answers that one session may leave unacknowledged; one more command is refused with `Overloaded`. */
  readonly cachedReplies: number;
  /** Bytes of those answers. */
  readonly cachedReplyBytes: number;
  /** Subscriptions that the group holds; one more is refused with `Overloaded`. */
  readonly subscriptions: number;
  /** Events that one subscription may leave unacknowledged; beyond, it ends with `SubscriptionOverflow`. */
  readonly pendingEvents: number;
  /** Bytes of those events. */
  readonly pendingEventBytes: number;
  /** Timers that all machines together may have running; one more is refused with `Overloaded`. */
  readonly timers: number;
}

/** What holds until something else was agreed on. Part of what the log means: never changed. */
export const DEFAULT_GROUP_LIMITS: GroupLimits = {
  sessions: 10_000,
  cachedReplies: 16_384,
  cachedReplyBytes: 64 * 1024 * 1024,
  subscriptions: 100_000,
  pendingEvents: 100_000,
  pendingEventBytes: 64 * 1024 * 1024,
  timers: 100_000,
};

/** One byte in the log and in images; never renumbered. */
const CODE = {
  sessions: 1,
  cachedReplies: 2,
  cachedReplyBytes: 3,
  subscriptions: 4,
  pendingEvents: 5,
  pendingEventBytes: 6,
  timers: 7,
} as const satisfies Record<keyof GroupLimits, number>;

const NAMES = Object.keys(CODE) as readonly (keyof GroupLimits)[];
/** Counts are written in four bytes, and so are the lengths of what holds the bytes. */
const MAX_LIMIT = 0xffff_ffff;

/**
 * The limits that `given` names, and nothing else of it.
 *
 * @throws DecoraftError `InvalidArgument` that names what is no limit, or what can be none.
 */
export function checkGroupLimits(
  given: Readonly<Partial<Record<keyof GroupLimits, unknown>>>,
): Partial<GroupLimits> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new DecoraftError('InvalidArgument', `the limits of a group are no object: ${String(given)}`);
  }
  const checked = Object.entries(given).filter(([, value]) => value !== undefined);
  for (const [name, value] of checked) {
    if (!Object.hasOwn(CODE, name)) {
      throw new DecoraftError(
        'InvalidArgument',
        `${name} is no limit of a group; these are: ${NAMES.join(', ')}`,
      );
    }
    if (!Number.isInteger(value) || (value as number) < 1 || (value as number) > MAX_LIMIT) {
      const words = `limit ${name} must be an integer from 1 to ${MAX_LIMIT}, not ${String(value)}`;
      throw new DecoraftError('InvalidArgument', words);
    }
  }
  return Object.fromEntries(checked);
}

/** In one order, whatever the order given: equal limits have equal bytes. */
export function writeGroupLimits(writer: ByteWriter, limits: Partial<GroupLimits>): void {
  const given = NAMES.flatMap((name) => {
    const value = limits[name];
    return value === undefined ? [] : [{ code: CODE[name], value }];
  });
  writer.u8(given.length);
  for (const { code, value } of given) writer.u8(code).u32(value);
}

/** @throws DecoraftError `InvalidArgument` for a limit that this build does not know, or that can be none. */
export function readGroupLimits(reader: ByteReader): Partial<GroupLimits> {
  const limits: Record<string, number> = {};
  for (let left = reader.u8(); left > 0; left--) {
    const code = reader.u8();
    const name = NAMES.find((known) => CODE[known] === code);
    if (!name) throw new DecoraftError('InvalidArgument', `no limit of a group has number ${code}`);
    limits[name] = reader.u32();
  }
  return checkGroupLimits(limits);
}
