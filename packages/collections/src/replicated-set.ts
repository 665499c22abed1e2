import type { CallOptions, Cluster, Subscription, Unsubscribe } from 'decoraft/client';
import type { Data } from './data.js';
import { ReplicatedSetClient as Calls } from './generated/replicated-set.client.js';
import type { ValuePage, ValuePageOptions } from './replicated-set.machine.js';

/** A page of a set of such values. */
export type ValuesOf<Value> = Omit<ValuePage, 'values'> & { readonly values: readonly Value[] };

/**
 * Calls machines of the class `ReplicatedSet`: a set of any data, compared as data.
 *
 * @typeParam Value What the values are. The compiler holds it, and nobody else: see `Data`.
 *
 * @example
 * ```ts
 * const tags = new ReplicatedSetClient<string>(cluster, 'tags');
 * if (await tags.add('new')) console.log('nobody had it');
 * for await (const tag of tags.values()) console.log(tag);
 * ```
 */
export class ReplicatedSetClient<Value = Data> {
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
  with(options: CallOptions): ReplicatedSetClient<Value> {
    const [cluster, name, before] = this.#place;
    return new ReplicatedSetClient(cluster, name, { ...before, ...options });
  }

  /** @returns Whether it is in the set. */
  has(value: Value): Promise<boolean> {
    return this.#calls.has(value as Data);
  }

  /** @returns How many there are. */
  size(): Promise<number> {
    return this.#calls.size();
  }

  /**
   * All values, in an order of their own that is always the same, fetched a page at a time. A value that is there all the
   * while is seen once; one that comes or goes meanwhile may be.
   *
   * @param options How many at a time.
   */
  async *values(options: ValuePageOptions = {}): AsyncGenerator<Value, void> {
    let after: ValuePageOptions = {};
    for (;;) {
      const { next, values } = await this.valuesPage({ ...options, ...after });
      yield* values;
      if (next === undefined) return;
      after = { after: next };
    }
  }

  /** @returns One page of {@link values}, and where the next one begins. */
  valuesPage(options: ValuePageOptions = {}): Promise<ValuesOf<Value>> {
    return this.#calls.valuesPage(options) as Promise<ValuesOf<Value>>;
  }

  /** @returns Whether it was not there. */
  add(value: Value): Promise<boolean> {
    return this.#calls.add(value as Data);
  }

  /** @returns Whether it was there. */
  delete(value: Value): Promise<boolean> {
    return this.#calls.delete(value as Data);
  }

  /** Removes all, and notifies of each. @returns How many there were. */
  clear(): Promise<number> {
    return this.#calls.clear();
  }

  /** A value that was not in it is now. */
  onAdded(): Subscription<Value>;
  onAdded(listener: (value: Value) => void): Promise<Unsubscribe>;
  onAdded(listener?: (value: Value) => void): Subscription<Value> | Promise<Unsubscribe> {
    if (listener) return this.#calls.onAdded(listener as (value: Data) => void);
    return this.#calls.onAdded() as Subscription<Value>;
  }

  /** A value that was in it is no more. */
  onRemoved(): Subscription<Value>;
  onRemoved(listener: (value: Value) => void): Promise<Unsubscribe>;
  onRemoved(listener?: (value: Value) => void): Subscription<Value> | Promise<Unsubscribe> {
    if (listener) return this.#calls.onRemoved(listener as (value: Data) => void);
    return this.#calls.onRemoved() as Subscription<Value>;
  }
}
