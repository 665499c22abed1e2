import type { CallOptions, Cluster, Subscription, Unsubscribe } from 'decoraft/client';
import type { Data } from './data.js';
import { ValueClient as Calls } from './generated/value.client.js';

/** The value of a `Value`, and which of its versions it is. */
export interface ValueState<Content> {
  /** `undefined` where there is none. */
  readonly value: Content | undefined;
  /** How many times it was changed: 0 before the first. Never goes back. */
  readonly version: number;
}

/**
 * Calls machines of the class `Value`: one value that all agree on, or none.
 *
 * @typeParam Content What the value is. The compiler holds it, and nobody else: see `Data`.
 *
 * @example
 * ```ts
 * const settings = new ValueClient<Settings>(cluster, 'settings');
 * const { value, version } = await settings.getVersioned();
 * await settings.setIfVersion(version, { ...value, color: 'green' });
 * ```
 */
export class ValueClient<Content = Data> {
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
  with(options: CallOptions): ValueClient<Content> {
    const [cluster, name, before] = this.#place;
    return new ValueClient(cluster, name, { ...before, ...options });
  }

  /** @returns The value; `undefined` where there is none. */
  get(): Promise<Content | undefined> {
    return this.#calls.get() as Promise<Content | undefined>;
  }

  /** @returns The value and its version, as one. */
  getVersioned(): Promise<ValueState<Content>> {
    return this.#calls.getVersioned() as Promise<ValueState<Content>>;
  }

  /** @returns What was there before; `undefined` where nothing was. */
  set(value: Content): Promise<Content | undefined> {
    return this.#calls.set(value as Data) as Promise<Content | undefined>;
  }

  /** @returns What was there before; `undefined` where nothing was: then nothing has changed. */
  clear(): Promise<Content | undefined> {
    return this.#calls.clear() as Promise<Content | undefined>;
  }

  /**
   * Sets the value if it equals, as data, what is expected.
   *
   * @param expected `undefined`: that there is none.
   * @returns Whether it was set.
   */
  compareAndSet(expected: Content | undefined, value: Content): Promise<boolean> {
    return this.#calls.compareAndSet(expected as Data | undefined, value as Data);
  }

  /**
   * Sets the value if nobody has changed it since `version`.
   *
   * @param version As `getVersioned` gave it; 0: that it was never set.
   * @returns The version that it has now; `undefined` where it was not set.
   */
  setIfVersion(version: number, value: Content): Promise<number | undefined> {
    return this.#calls.setIfVersion(version, value as Data);
  }

  /** It was set, or cleared. Setting what was there already is a change as well. */
  onChanged(): Subscription<ValueState<Content>>;
  onChanged(listener: (state: ValueState<Content>) => void): Promise<Unsubscribe>;
  onChanged(
    listener?: (state: ValueState<Content>) => void,
  ): Subscription<ValueState<Content>> | Promise<Unsubscribe> {
    if (listener) return this.#calls.onChanged(listener as (state: ValueState<Data>) => void);
    return this.#calls.onChanged() as Subscription<ValueState<Content>>;
  }
}
