import type { CallOptions, Cluster, Subscription, Unsubscribe } from 'decoraft/client';
import type { Data } from './data.js';
import { ReplicatedMapClient as Calls } from './generated/replicated-map.client.js';
import type { KeyPage, MapChange, MapEntry, MapPage, SetOptions } from './map-types.js';
import type { PageOptions } from './pages.js';
import { listenWatched, PrefixSubscription, type Watching } from './prefix-subscription.js';

/** An entry of a map of such values. */
export type EntryOf<Value> = Omit<MapEntry, 'value'> & { readonly value: Value };

/** A page of a map of such values. */
export type PageOf<Value> = Omit<MapPage, 'entries'> & { readonly entries: readonly EntryOf<Value>[] };

/** A change of a map of such values. */
export type ChangeOf<Value> =
  | (Omit<Extract<MapChange, { kind: 'set' }>, 'value'> & { readonly value: Value })
  | Extract<MapChange, { kind: 'removed' }>;

/**
 * Calls machines of the class `ReplicatedMap`: a map from strings to data, in the order of its keys.
 *
 * @typeParam Value What the values are. The compiler holds it, and nobody else: see `Data`.
 *
 * @example
 * ```ts
 * const users = new ReplicatedMapClient<User>(cluster, 'users');
 * await users.set('user/ada', { name: 'Ada' }, { ttlMs: 60_000 });
 * await users.onPrefixChanged('user/', (change) => console.log(change.kind, change.key));
 * for await (const { key, value } of users.entries({ prefix: 'user/' })) console.log(key, value.name);
 * ```
 */
export class ReplicatedMapClient<Value = Data> {
  readonly #place: readonly [cluster: Cluster, name: string, options: CallOptions | undefined];
  readonly #calls: Calls;

  /**
   * @param cluster The cluster to call, from `connect`.
   * @param name The name under which the machine is registered.
   * @param options For every call made through this object.
   */
  constructor(cluster: Cluster, name: string, options?: CallOptions) {
    this.#place = [cluster, name, options];
    this.#calls = new Calls(cluster, name, options);
  }

  /** The same client with other options for its calls. */
  with(options: CallOptions): ReplicatedMapClient<Value> {
    const [cluster, name, before] = this.#place;
    return new ReplicatedMapClient(cluster, name, { ...before, ...options });
  }

  /** @returns The value; `undefined` where there is none. */
  get(key: string): Promise<Value | undefined> {
    return this.#calls.get(key) as Promise<Value | undefined>;
  }

  /** @returns The value with its version and how long it lives; `undefined` where there is none. */
  getEntry(key: string): Promise<EntryOf<Value> | undefined> {
    return this.#calls.getEntry(key) as Promise<EntryOf<Value> | undefined>;
  }

  /** @returns Whether there is an entry. */
  has(key: string): Promise<boolean> {
    return this.#calls.has(key);
  }

  /** @returns How many entries there are. */
  size(): Promise<number> {
    return this.#calls.size();
  }

  /**
   * All entries in the order of their keys (by UTF-16 units), fetched a page at a time. An entry that is there all the
   * while is seen once; one that comes or goes meanwhile may be.
   *
   * @param options Which, and how many at a time.
   */
  async *entries(options: PageOptions = {}): AsyncGenerator<EntryOf<Value>, void> {
    let after: PageOptions = {};
    for (;;) {
      const { entries, next } = await this.entriesPage({ ...options, ...after });
      yield* entries;
      if (next === undefined) return;
      after = { after: next };
    }
  }

  /** The keys alone: see {@link entries}. */
  async *keys(options: PageOptions = {}): AsyncGenerator<string, void> {
    let after: PageOptions = {};
    for (;;) {
      const { keys, next } = await this.keysPage({ ...options, ...after });
      yield* keys;
      if (next === undefined) return;
      after = { after: next };
    }
  }

  /** @returns One page of {@link entries}, and where the next one begins. */
  entriesPage(options: PageOptions = {}): Promise<PageOf<Value>> {
    return this.#calls.entriesPage(options) as Promise<PageOf<Value>>;
  }

  /** @returns One page of {@link keys}, and where the next one begins. */
  keysPage(options: PageOptions = {}): Promise<KeyPage> {
    return this.#calls.keysPage(options);
  }

  /**
   * Sets an entry.
   *
   * @param options How long it lives; until it is deleted by default.
   * @returns What was there before; `undefined` where nothing was.
   */
  set(key: string, value: Value, options: SetOptions = {}): Promise<Value | undefined> {
    return this.#calls.set(key, value as Data, options) as Promise<Value | undefined>;
  }

  /**
   * Sets an entry if its value equals, as data, what is expected.
   *
   * @param expected `undefined`: that there is no entry.
   * @returns Whether it was set.
   */
  compareAndSet(
    key: string,
    expected: Value | undefined,
    value: Value,
    options: SetOptions = {},
  ): Promise<boolean> {
    return this.#calls.compareAndSet(key, expected as Data | undefined, value as Data, options);
  }

  /**
   * Sets an entry if nobody has set or removed it since `version`.
   *
   * @param version As {@link getEntry} or an event gave it; 0: that there is no entry.
   * @returns The version that it has now; `undefined` where it was not set.
   */
  setIfVersion(
    key: string,
    version: number,
    value: Value,
    options: SetOptions = {},
  ): Promise<number | undefined> {
    return this.#calls.setIfVersion(key, version, value as Data, options);
  }

  /** @returns What was there; `undefined` where nothing was. */
  delete(key: string): Promise<Value | undefined> {
    return this.#calls.delete(key) as Promise<Value | undefined>;
  }

  /** Removes an entry if nobody has set it since `version`. @returns Whether it was removed. */
  deleteIfVersion(key: string, version: number): Promise<boolean> {
    return this.#calls.deleteIfVersion(key, version);
  }

  /**
   * Has an entry live as long again as when it was set; that is no change of the entry, and nobody is notified.
   *
   * @param ttlMs Milliseconds, above 0, from now on instead, which an entry without an end then has as well.
   * @returns Whether there is such an entry, and it has an end.
   */
  touch(key: string, ttlMs?: number): Promise<boolean> {
    return ttlMs === undefined ? this.#calls.touch(key) : this.#calls.touch(key, ttlMs);
  }

  /** Removes all entries, and notifies of each. @returns How many there were. */
  clear(): Promise<number> {
    return this.#calls.clear();
  }

  /** The entry of a key was set or removed. */
  onChanged(key: string): Subscription<ChangeOf<Value>>;
  onChanged(key: string, listener: (change: ChangeOf<Value>) => void): Promise<Unsubscribe>;
  onChanged(
    key: string,
    listener?: (change: ChangeOf<Value>) => void,
  ): Subscription<ChangeOf<Value>> | Promise<Unsubscribe> {
    if (listener) return this.#calls.onChanged(key, listener as (change: MapChange) => void);
    return this.#calls.onChanged(key) as Subscription<ChangeOf<Value>>;
  }

  /**
   * An entry whose key begins with `prefix` was set or removed: every such change behind the subscription, once and in
   * order, as with any event. It costs one more command at the beginning, and one at the end.
   *
   * @param prefix At most 1,024 characters; empty: every entry. A map holds at most 10,000 such subscriptions; one more is
   * `CommandRejected`, with `data.code` `Overloaded`.
   */
  onPrefixChanged(prefix: string): Subscription<ChangeOf<Value>>;
  onPrefixChanged(prefix: string, listener: (change: ChangeOf<Value>) => void): Promise<Unsubscribe>;
  onPrefixChanged(
    prefix: string,
    listener?: (change: ChangeOf<Value>) => void,
  ): Subscription<ChangeOf<Value>> | Promise<Unsubscribe> {
    const watching: Watching = {
      watch: () => this.#calls.watch(prefix),
      unwatch: (watch) => this.#calls.unwatch(watch),
    };
    if (listener) {
      const subscribed = this.#calls.onPrefixChanged(prefix, listener as (change: MapChange) => void);
      return listenWatched(subscribed, watching);
    }
    const events = this.#calls.onPrefixChanged(prefix) as Subscription<ChangeOf<Value>>;
    return new PrefixSubscription(events, watching);
  }
}
