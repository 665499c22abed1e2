import { DecoraftError, type SessionId, type TimerId } from 'decoraft';
import type { Data } from './data.js';

/** How long an entry lives. Without either, until it is deleted. */
export interface SetOptions {
  /**
   * Milliseconds, above 0, after which the entry is removed by itself, in the time of the log: see
   * `CommandContext.time`. Every set begins anew, and one without `ttlMs` takes the end away.
   */
  readonly ttlMs?: number;
  /**
   * Whether the entry belongs to the session of the client that sets it, and is removed when that ends. A set without
   * it takes the owner away.
   */
  readonly ephemeral?: boolean;
}

/** An entry with all that is known of it. */
export interface MapEntry {
  readonly key: string;
  readonly value: Data;
  /** Which change of the map made it what it is: grows with every change of any entry, and never comes again. */
  readonly version: number;
  /** When it is removed unless it is touched, in milliseconds since 1970 by the time of the log; absent: never. */
  readonly expiresAtMs?: number;
  /** Whether it is removed with the session that set it. */
  readonly isEphemeral: boolean;
}

/** Some entries, in the order of their keys. */
export interface MapPage {
  readonly entries: readonly MapEntry[];
  /** The `after` of the next page; absent on the last. */
  readonly next?: string;
}

/** Some keys, in their order. */
export interface KeyPage {
  readonly keys: readonly string[];
  /** The `after` of the next page; absent on the last. */
  readonly next?: string;
}

/** What has become of an entry. */
export type MapChange =
  | { readonly kind: 'set'; readonly key: string; readonly value: Data; readonly version: number }
  | {
      readonly kind: 'removed';
      readonly key: string;
      /** Of the removal. */
      readonly version: number;
      readonly reason: RemovalReason;
    };

/** Somebody removed it; its time to live was up; the session that it belonged to has ended. */
export type RemovalReason = 'deleted' | 'expired' | 'session-ended';

/** An entry as the machine keeps it. */
export interface StoredEntry {
  readonly value: Data;
  readonly version: number;
  readonly life: StoredLife | undefined;
  readonly owner: SessionId | undefined;
}

export interface StoredLife {
  readonly ttlMs: number;
  readonly endsAtMs: number;
  readonly timer: TimerId;
}

export function describeEntry(key: string, { life, owner, value, version }: StoredEntry): MapEntry {
  const isEphemeral = owner !== undefined;
  return { key, value, version, ...(life && { expiresAtMs: life.endsAtMs }), isEphemeral };
}

/** Of a key, in UTF-16 units. */
const LONGEST_KEY = 1_024;
/** Of a map. */
const MOST_ENTRIES = 1_000_000;

/** @throws DecoraftError `InvalidArgument` */
export function checkKey(key: string): void {
  if (key.length <= LONGEST_KEY) return;
  throw new DecoraftError(
    'InvalidArgument',
    `a key has at most ${LONGEST_KEY} characters, not ${key.length}`,
  );
}

/** @throws DecoraftError `InvalidArgument` */
export function checkTtl(ttlMs: number | undefined): void {
  if (ttlMs === undefined || (Number.isFinite(ttlMs) && ttlMs > 0)) return;
  throw new DecoraftError('InvalidArgument', `an entry cannot live ${ttlMs} ms`);
}

/** @throws DecoraftError `Overloaded` */
export function refuseTooManyEntries(count: number): void {
  if (count < MOST_ENTRIES) return;
  throw new DecoraftError('Overloaded', `the map holds ${MOST_ENTRIES} entries already`);
}
