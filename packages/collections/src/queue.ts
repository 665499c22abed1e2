import { type CallOptions, type Cluster, DecoraftError } from 'decoraft/client';
import { consume, type ConsumeOptions } from './consume.js';
import type { Data } from './data.js';
import type { Delivery, Handled, ReceiveOptions } from './delivery.js';
import { StaleReceipt } from './errors.js';
import { QueuesClient } from './generated/queues.client.js';
import { fulfil } from './patience.js';
import { unwrapped } from './persistence.js';
import type { Delivered, DeliveredLater, Enqueued, QueueCounts, ReceiveAnswer } from './queue-messages.js';
import type { QueueSettings } from './queue-state.js';
import { type Visits, visitsOf } from './visit.js';

/** How an item is put in. */
export interface EnqueueOptions {
  /** For how many milliseconds nobody sees it; 0 by default. */
  readonly delayMs?: number;
  /**
   * Whoever puts in another item with the same one within `deduplicationMs`, 5 minutes by default, puts in nothing: for
   * producers that do not know whether they have done so.
   */
  readonly deduplicationId?: string;
}

/**
 * One queue among all clients of a cluster. Nodes need `machines: { queues: new Queues() }`.
 *
 * Every item is handled at least once: it is given to one receiver at a time, and to another one when it was not
 * acknowledged in time, was rejected, or its receiver's session has ended. A receiver that was paused or cut off, and
 * comes back too late, is refused with {@link StaleReceipt}; what it does elsewhere before it notices is fenced by the
 * receipt, which grows with every delivery.
 *
 * @typeParam Item What is put in. The compiler holds it, and nobody else: see `Data`.
 *
 * @example
 * ```ts
 * const mail = new Queue<Letter>(cluster, 'queues', 'mail');
 * await mail.enqueue({ to: 'Ada' }, { deduplicationId: 'letter-4711' });
 * await mail.consume(({ item, receipt, signal }) => send(item, { receipt, signal }), { concurrency: 4 });
 * ```
 */
export class Queue<Item = Data> {
  readonly name: string;
  readonly #queues: QueuesClient;
  readonly #visits: Visits<DeliveredLater>;

  /**
   * @param cluster From `connect`.
   * @param machine The name under which `Queues` is registered on the nodes.
   * @param name Of the queue: any text. It needs no preparation.
   * @param options For every call made through this object.
   */
  constructor(cluster: Cluster, machine: string, name: string, options?: CallOptions) {
    this.name = name;
    this.#queues = new QueuesClient(cluster, machine, options);
    this.#visits = visitsOf(cluster, `queues ${machine}`, () => {
      const queues = new QueuesClient(cluster, machine);
      return {
        attend: () => queues.attend(),
        depart: (visitor) => queues.depart(visitor),
        listen: (visitor, listener) => queues.onDelivered(visitor, listener),
      };
    });
  }

  /**
   * Puts an item in, behind all that are there.
   *
   * @returns Its id: that of the one that was there before, where it is a duplicate.
   * @throws DecoraftError `Overloaded` when the queue holds as many items as it may; `Indeterminate` when it may have
   *   been put in: to ask again safely, give it a `deduplicationId`.
   */
  enqueue(item: Item, { delayMs = 0, deduplicationId }: EnqueueOptions = {}): Promise<Enqueued> {
    const wish = { body: item as Data, delayMs, ...(deduplicationId !== undefined && { deduplicationId }) };
    return this.#queues.enqueue(this.name, wish).catch(rethrow);
  }

  /**
   * Takes items out for a time, in the order in which they came, or became visible again.
   *
   * @returns At least one, where there are any within `waitMs`; else none.
   * @throws DecoraftError `SessionExpired` when the client's session ended while it waited; `Overloaded` when 10,000
   *   receivers wait already; `InvalidArgument`; and what the signal says. Items that were delivered in that moment are
   *   given back.
   */
  async receive(options: ReceiveOptions = {}): Promise<readonly Delivery<Item>[]> {
    const { max = 1, signal, visibilityMs = 30_000, waitMs = 0 } = options;
    const queues = this.#queues;
    const isPatient = waitMs !== 0;
    const what = `queue ${this.name}`;
    try {
      const { answer } = await fulfil<DeliveredLater, ReceiveAnswer>(
        this.#visits,
        {
          what,
          ask: ({ id: visitor }, request, call) =>
            queues.with(call).receive(this.name, { visitor, request, max, visibilityMs, isPatient }),
          takeBack: ({ id }, request) => queues.giveUp(this.name, id, request),
        },
        { waitMs, ...(signal && { signal }) },
      );
      return answer.kind === 'delivered' ? answer.items.map((item) => this.#deliveryOf(item)) : [];
    } catch (thrown) {
      if (isPatient && !signal?.aborted && isLate(thrown)) return [];
      throw thrown;
    }
  }

  /**
   * The item of this receipt is done: it is gone for good. For receipts that were kept elsewhere: see {@link Delivery}.
   *
   * @throws StaleReceipt when the item may be somebody else's by now, or was acknowledged already.
   */
  acknowledge(receipt: number): Promise<void> {
    return this.#queues.acknowledge(this.name, receipt).catch(staleOr(receipt));
  }

  /** Nobody else sees the item of this receipt for so many milliseconds from now on. @throws StaleReceipt */
  extend(receipt: number, visibilityMs: number): Promise<void> {
    return this.#queues.extend(this.name, receipt, visibilityMs).catch(staleOr(receipt));
  }

  /** The item of this receipt could not be handled: others may have it, at once or after `delayMs`. @throws StaleReceipt */
  reject(receipt: number, { delayMs = 0 }: { readonly delayMs?: number } = {}): Promise<void> {
    return this.#queues.reject(this.name, receipt, delayMs).catch(staleOr(receipt));
  }

  /**
   * Receives items and hands them to `handler`, until the signal is aborted. What the handler returns from is
   * acknowledged; what it throws at is rejected. An item stays with the handler for as long as it takes: its time is
   * extended while it works.
   *
   * @returns When the signal was aborted and the handlers under way have ended.
   * @throws DecoraftError `SessionExpired` when the client's session has ended and is not renewed by itself (see
   *   `onSessionExpired` of `connect`), and whatever else is no matter of time.
   */
  consume(handler: (delivery: Handled<Item>) => unknown, options: ConsumeOptions = {}): Promise<void> {
    return consume(this, handler, options);
  }

  /** Says how the queue behaves from now on, for all its users. What is not named stays as it is. */
  configure(settings: Partial<QueueSettings>): Promise<void> {
    return this.#queues.configure(this.name, settings).catch(rethrow);
  }

  /** How many items and receivers there are, as a query sees it. */
  count(): Promise<QueueCounts> {
    return this.#queues.count(this.name);
  }

  #deliveryOf({ body, ...delivered }: Delivered): Delivery<Item> {
    const { receipt } = delivered;
    return {
      ...delivered,
      item: body as Item,
      acknowledge: () => this.acknowledge(receipt),
      extend: (visibilityMs) => this.extend(receipt, visibilityMs),
      reject: (options) => this.reject(receipt, options),
    };
  }
}

function isLate(thrown: unknown): boolean {
  return thrown instanceof DecoraftError && thrown.code === 'DeadlineExceeded';
}

function rethrow(thrown: unknown): never {
  throw unwrapped(thrown);
}

function staleOr(receipt: number): (thrown: unknown) => never {
  return (thrown) => {
    const error = unwrapped(thrown);
    // An unknown machine is `NotFound` as well, and no answer of a machine.
    const isStale = error !== thrown && error instanceof DecoraftError && error.code === 'NotFound';
    throw isStale ? new StaleReceipt(receipt, thrown) : error;
  };
}
