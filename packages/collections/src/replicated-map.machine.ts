import {
  cmd,
  DecoraftError,
  derived,
  event,
  qry,
  type SessionId,
  StateMachine,
  sub,
  type TimerId,
} from 'decoraft';
import type { Data } from './data.js';
import {
  checkKey,
  checkTtl,
  describeEntry,
  type KeyPage,
  type MapChange,
  type MapEntry,
  type MapPage,
  refuseTooManyEntries,
  type RemovalReason,
  type SetOptions,
  type StoredEntry,
  type StoredLife,
} from './map-types.js';
import { keysOfPage, limitOf, type PageOptions } from './pages.js';
import { type PrefixWatch, refuseTooManyWatches, WatchedPrefixes } from './prefix-watches.js';
import { isSameData } from './same-data.js';
import { SortedKeys, sortKeys } from './sorted-keys.js';

/**
 * A map from strings to data, in the order of its keys, whose entries may live for a time, or as long as the session of
 * the client that set them.
 *
 * Called by `ReplicatedMapClient`. Keys have at most 1,024 characters (UTF-16 units), a map at most 1,000,000 entries;
 * a value is one argument of a command, so its size is limited by the node's (4 MiB, unless settings say otherwise).
 * Each entry with a time to live is one of the group's timers (100,000, unless the group agrees on another limit).
 *
 * What a command refuses is `CommandRejected`, with `data.code` `InvalidArgument` for a key, a time to live or a limit that
 * cannot be, and `Overloaded` at one of the limits: then nothing has changed.
 */
export class ReplicatedMap extends StateMachine {
  private readonly stored = new Map<string, StoredEntry>();
  /** Of the last change. */
  private version = 0;
  /** By their numbers. */
  private readonly watches = new Map<number, PrefixWatch>();
  private lastWatch = 0;

  @derived private readonly sorted = new SortedKeys();
  @derived private readonly prefixes = new WatchedPrefixes();
  /** The keys of those that belong to a session. */
  @derived private readonly owned = new Map<SessionId, Set<string>>();

  /** The entry of this key was set or removed. */
  @sub onChanged = event<(key: string) => MapChange>();

  /**
   * An entry whose key begins with this was set or removed. Only prefixes that are watched are notified, see `watch`:
   * `ReplicatedMapClient.onPrefixChanged` does both.
   */
  @sub onPrefixChanged = event<(prefix: string) => MapChange>();

  override restored(): void {
    this.sorted.reset(this.stored.keys());
    this.prefixes.reset(this.watches.values());
    this.owned.clear();
    for (const [key, { owner }] of this.stored) this.own(owner, key);
  }

  override sessionEnded(session: SessionId): void {
    for (const [id, watch] of this.watches) if (watch.session === session) this.endWatch(id, watch);
    // Sorted: in which order they came is nothing that a restored replica knows.
    const keys = sortKeys(this.owned.get(session) ?? []);
    for (const key of keys) this.remove(key, 'session-ended');
  }

  /** @returns The value; `undefined` where there is none. */
  @qry get(key: string): Data | undefined {
    return this.stored.get(key)?.value;
  }

  /** @returns The value with its version and how long it lives; `undefined` where there is none. */
  @qry getEntry(key: string): MapEntry | undefined {
    const entry = this.stored.get(key);
    return entry && describeEntry(key, entry);
  }

  /** @returns Whether there is an entry. */
  @qry has(key: string): boolean {
    return this.stored.has(key);
  }

  /** @returns How many entries there are. */
  @qry size(): number {
    return this.stored.size;
  }

  /**
   * @returns Entries in the order of their keys (by UTF-16 units), a page at a time. Over several pages, an entry that is
   * there all the while is seen once; one that comes or goes meanwhile may be.
   */
  @qry entriesPage(options: PageOptions = {}): MapPage {
    const keys = keysOfPage(this.sorted, options);
    const shown = keys.slice(0, limitOf(options));
    const entries = shown.flatMap((key) => {
      const entry = this.stored.get(key);
      return entry ? [describeEntry(key, entry)] : [];
    });
    const next = shown.at(-1);
    return keys.length > shown.length && next !== undefined ? { entries, next } : { entries };
  }

  /** @returns The keys alone: see `entriesPage`. */
  @qry keysPage(options: PageOptions = {}): KeyPage {
    const found = keysOfPage(this.sorted, options);
    const keys = found.slice(0, limitOf(options));
    const next = keys.at(-1);
    return found.length > keys.length && next !== undefined ? { keys, next } : { keys };
  }

  /** @returns What was there before; `undefined` where nothing was. */
  @cmd set(key: string, value: Data, options: SetOptions = {}): Data | undefined {
    const previous = this.stored.get(key)?.value;
    this.put(key, value, options);
    return previous;
  }

  /**
   * Sets an entry if its value equals, as data, what is expected.
   *
   * @param expected `undefined`: that there is no entry.
   * @returns Whether it was set.
   */
  @cmd compareAndSet(
    key: string,
    expected: Data | undefined,
    value: Data,
    options: SetOptions = {},
  ): boolean {
    if (!isSameData(this.stored.get(key)?.value, expected)) return false;
    this.put(key, value, options);
    return true;
  }

  /**
   * Sets an entry if nobody has set or removed it since `version`.
   *
   * @param version As `getEntry` or an event gave it; 0: that there is no entry.
   * @returns The version that it has now; `undefined` where it was not set.
   */
  @cmd setIfVersion(key: string, version: number, value: Data, options: SetOptions = {}): number | undefined {
    if ((this.stored.get(key)?.version ?? 0) !== version) return undefined;
    return this.put(key, value, options);
  }

  /** @returns What was there; `undefined` where nothing was. */
  @cmd delete(key: string): Data | undefined {
    const value = this.stored.get(key)?.value;
    this.remove(key, 'deleted');
    return value;
  }

  /** Removes an entry if nobody has set it since `version`. @returns Whether it was removed. */
  @cmd deleteIfVersion(key: string, version: number): boolean {
    if (this.stored.get(key)?.version !== version) return false;
    return this.remove(key, 'deleted');
  }

  /**
   * Has an entry live as long again as when it was set; that is no change of the entry, and nobody is notified.
   *
   * @param ttlMs Milliseconds, above 0, from now on instead, which an entry without an end then has as well.
   * @returns Whether there is such an entry, and it has an end.
   */
  @cmd touch(key: string, ttlMs?: number): boolean {
    checkTtl(ttlMs);
    const entry = this.stored.get(key);
    const duration = ttlMs ?? entry?.life?.ttlMs;
    if (!entry || duration === undefined) return false;
    this.stored.set(key, { ...entry, life: this.live(key, entry.life?.timer, duration) });
    return true;
  }

  /** Removes all entries, and notifies of each. @returns How many there were. */
  @cmd clear(): number {
    const keys = [...this.sorted.from('')];
    for (const key of keys) this.remove(key, 'deleted');
    return keys.length;
  }

  /**
   * Has `onPrefixChanged` notified for a prefix, as long as the session lives, or until `unwatch`. A change costs a look at
   * every prefix that is watched, or at every prefix of its key, whichever are fewer, and an event for each that fits.
   *
   * @param prefix At most 1,024 characters; empty: every entry.
   * @returns The number of the watch. At most 10,000 are held at once.
   */
  @cmd watch(prefix: string): number {
    const { session } = this.context;
    if (session === undefined) throw new DecoraftError('InvalidArgument', 'only a client watches');
    checkKey(prefix);
    refuseTooManyWatches(this.watches.size);
    this.lastWatch += 1;
    this.watches.set(this.lastWatch, { prefix, session });
    this.prefixes.added(prefix);
    return this.lastWatch;
  }

  /** @param watch Of the same session. @returns Whether it was held still. */
  @cmd unwatch(watch: number): boolean {
    const held = this.watches.get(watch);
    if (!held || held.session !== this.context.session) return false;
    this.endWatch(watch, held);
    return true;
  }

  /** Run by the entry's own timer, and by nobody else. */
  @cmd expire(key: string): void {
    if (this.context.session !== undefined)
      throw new DecoraftError('InvalidArgument', 'an entry expires by itself');
    this.remove(key, 'expired');
  }

  private put(key: string, value: Data, { ephemeral = false, ttlMs }: SetOptions): number {
    checkKey(key);
    checkTtl(ttlMs);
    const { session } = this.context;
    const before = this.stored.get(key);
    if (!before) refuseTooManyEntries(this.stored.size);
    if (ephemeral && session === undefined) {
      throw new DecoraftError('InvalidArgument', 'an ephemeral entry belongs to the session of a client');
    }
    // First what may be refused: from here on nothing is.
    const life = ttlMs === undefined ? this.liveOn(before) : this.live(key, before?.life?.timer, ttlMs);
    const owner = ephemeral ? session : undefined;
    const version = ++this.version;
    this.stored.set(key, { value, version, life, owner });
    if (!before) this.sorted.add(key);
    this.disown(before?.owner, key);
    this.own(owner, key);
    this.tell({ kind: 'set', key, value, version });
    return version;
  }

  /** Without an end. */
  private liveOn(before: StoredEntry | undefined): undefined {
    if (before?.life) this.cancel(before.life.timer);
  }

  private live(key: string, timer: TimerId | undefined, ttlMs: number): StoredLife {
    // Makes room for the new one, which is not refused then.
    if (timer !== undefined) this.cancel(timer);
    return { ttlMs, endsAtMs: this.context.time + ttlMs, timer: this.schedule(ttlMs, 'expire', key) };
  }

  private remove(key: string, reason: RemovalReason): boolean {
    const entry = this.stored.get(key);
    if (!entry) return false;
    if (entry.life) this.cancel(entry.life.timer);
    this.stored.delete(key);
    this.sorted.delete(key);
    this.disown(entry.owner, key);
    this.version += 1;
    this.tell({ kind: 'removed', key, version: this.version, reason });
    return true;
  }

  private tell(change: MapChange): void {
    this.onChanged(change.key).notify(change);
    for (const prefix of this.prefixes.of(change.key)) this.onPrefixChanged(prefix).notify(change);
  }

  private endWatch(id: number, { prefix }: PrefixWatch): void {
    this.watches.delete(id);
    this.prefixes.removed(prefix);
  }

  private own(owner: SessionId | undefined, key: string): void {
    if (owner === undefined) return;
    const keys = this.owned.get(owner);
    if (keys) keys.add(key);
    else this.owned.set(owner, new Set([key]));
  }

  private disown(owner: SessionId | undefined, key: string): void {
    if (owner === undefined) return;
    const keys = this.owned.get(owner);
    keys?.delete(key);
    if (keys?.size === 0) this.owned.delete(owner);
  }
}
