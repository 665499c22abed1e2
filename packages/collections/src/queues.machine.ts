import { cmd, DecoraftError, event, qry, StateMachine, sub, type TimerId } from 'decoraft';
import { checkTime, checkWhole } from './check-number.js';
import { push, shift } from './fifo.js';
import type {
  Delivered,
  DeliveredLater,
  Enqueue,
  Enqueued,
  QueueCounts,
  Receive,
  ReceiveAnswer,
} from './queue-messages.js';
import {
  duplicateOf,
  isUnused,
  newQueue,
  type Outstanding,
  type QueueItem,
  type QueueSettings,
  type QueueState,
  type Receiver,
  remember,
} from './queue-state.js';
import { forget, keyOf, knownVisitor, noVisitors, receive, visitorsOf } from './visitors.js';

/** So many may wait for the items of one queue. */
const MAX_RECEIVERS = 10_000;
/** So many items are delivered together at most. */
const MAX_BATCH = 1_000;

/**
 * Any number of queues, each under a name of its own; a name needs no preparation and, while it has no items, no receivers and
 * no settings of its own, leaves nothing behind. An item is given to one receiver at a time, which acknowledges it when it
 * is done; else others have it when its time is over, or the receiver's session has ended: every item is handled at least
 * once. Every delivery has a receipt, and only the last one's counts: a receiver that comes too late is refused. Items are
 * delivered in the order in which they came, or became visible again.
 *
 * On the nodes: `machines: { queues: new Queues() }`. In a client: `new Queue<Task>(cluster, 'queues', 'mail')`.
 */
export class Queues extends StateMachine {
  private readonly visitors = noVisitors();
  private readonly queues = new Map<string, QueueState>();
  /** Of each visitor: its receipts, and the queues that they are of. */
  private readonly receipts = new Map<number, Map<number, string>>();
  private lastItem = 0;
  private lastReceipt = 0;

  /** Who waited has items now: told to this visitor only. */
  @sub onDelivered = event<(visitor: number) => DeliveredLater>();

  /** Gives the number under which this client may receive items, as long as its session lasts. */
  @cmd attend(): number {
    return receive(this.visitors, this.context.session);
  }

  /**
   * Says how a queue behaves from now on. What is not named stays as it is.
   *
   * @throws DecoraftError `InvalidArgument` for numbers that are not whole or below 0.
   */
  @cmd configure(name: string, settings: Partial<QueueSettings>): void {
    const { deduplicationMs = 0, maxAttempts = 0, maxItems = 0 } = settings;
    checkWhole('maxItems', maxItems);
    checkWhole('maxAttempts', maxAttempts);
    checkWhole('deduplicationMs', deduplicationMs);
    const queue = this.queueOf(name);
    const named = Object.entries(settings).filter(([, value]) => value !== undefined);
    queue.settings = { ...queue.settings, ...Object.fromEntries(named) };
    this.keep(name, queue);
  }

  /**
   * Puts an item in.
   *
   * @throws DecoraftError `Overloaded` when the queue holds as many as it may; `InvalidArgument`
   */
  @cmd enqueue(name: string, wish: Enqueue): Enqueued {
    const { body, deduplicationId, delayMs } = wish;
    const { time } = this.context;
    const queue = this.queueOf(name);
    if (deduplicationId !== undefined) {
      const before = duplicateOf(queue, deduplicationId, time);
      if (before !== undefined) return { id: before, isDuplicate: true };
    }
    const { maxItems } = queue.settings;
    if (queue.items.size >= maxItems) {
      throw new DecoraftError('Overloaded', `queue ${name} holds ${maxItems} items already`);
    }
    const id = this.lastItem + 1;
    if (delayMs !== 0) this.schedule(delayMs, 'appear', name, id);
    this.lastItem = id;
    queue.items.set(id, { id, body, enqueuedAtMs: time, attempts: 0 });
    this.keep(name, queue);
    if (deduplicationId !== undefined) remember(queue, deduplicationId, id, time);
    if (delayMs === 0) this.show(name, queue, id);
    else queue.delayed.add(id);
    return { id, isDuplicate: false };
  }

  /**
   * Asks for items.
   *
   * @throws DecoraftError `InvalidArgument` for a number of items or a time that cannot be; `Overloaded` when 10,000
   *   receivers wait already, or the group holds too many timers.
   */
  @cmd receive(name: string, wish: Receive): ReceiveAnswer {
    const { isPatient, max, request, visibilityMs, visitor } = wish;
    if (!Number.isSafeInteger(max) || max < 1 || max > MAX_BATCH) {
      throw new DecoraftError('InvalidArgument', `max is ${max}: a whole number from 1 to ${MAX_BATCH}`);
    }
    checkTime('visibilityMs', visibilityMs);
    const known = knownVisitor(this.visitors, visitor, this.context.session);
    if (!known) return { kind: 'unknown-visitor' };
    const queue = this.queueOf(name);
    const receiver = { visitor, request, max, visibilityMs };
    const items = this.deliver(name, queue, receiver, true);
    if (items.length > 0) return { kind: 'delivered', items };
    if (!isPatient) return { kind: 'empty' };
    if (queue.receivers.size >= MAX_RECEIVERS) {
      throw new DecoraftError('Overloaded', `${MAX_RECEIVERS} wait for items of ${name} already`);
    }
    queue.receivers.set(keyOf(visitor, request), receiver);
    this.keep(name, queue);
    known.requests.set(request, name);
    return { kind: 'waiting' };
  }

  /** Waits for items no longer; those that were delivered already are as if they never were. */
  @cmd giveUp(name: string, visitor: number, request: number): void {
    const known = knownVisitor(this.visitors, visitor, this.context.session);
    const queue = this.queues.get(name);
    if (!known || !queue) return;
    known.requests.delete(request);
    queue.receivers.delete(keyOf(visitor, request));
    for (const receipt of this.receipts.get(visitor)?.keys() ?? []) {
      if (queue.outstanding.get(receipt)?.request !== request) continue;
      const { item } = this.settle(queue, receipt);
      item.attempts -= 1;
      this.show(name, queue, item.id);
    }
    this.keep(name, queue);
  }

  /**
   * The item is done: it is gone for good.
   *
   * @throws DecoraftError `NotFound` when the receipt is not valid any more.
   */
  @cmd acknowledge(name: string, receipt: number): void {
    const queue = this.queueOf(name);
    const { item } = this.settle(queue, receipt);
    queue.items.delete(item.id);
    this.keep(name, queue);
  }

  /**
   * Nobody else sees the item for so many milliseconds from now on, whatever was said before.
   *
   * @throws DecoraftError `NotFound` when the receipt is not valid any more; `InvalidArgument`
   */
  @cmd extend(name: string, receipt: number, visibilityMs: number): void {
    checkTime('visibilityMs', visibilityMs);
    const delivery = this.outstanding(this.queueOf(name), receipt);
    const timer = this.schedule(visibilityMs, 'expire', name, receipt);
    this.cancel(delivery.timer);
    delivery.timer = timer;
  }

  /**
   * The item could not be handled: others may have it after so many milliseconds.
   *
   * @throws DecoraftError `NotFound` when the receipt is not valid any more; `InvalidArgument`
   */
  @cmd reject(name: string, receipt: number, delayMs: number): void {
    checkTime('delayMs', delayMs);
    const queue = this.queueOf(name);
    const { item: id } = this.outstanding(queue, receipt);
    // Before anything is changed: the group may have no room for a timer.
    if (delayMs !== 0) this.schedule(delayMs, 'appear', name, id);
    const { item } = this.settle(queue, receipt);
    if (delayMs === 0 || this.isDead(queue, item)) return this.comeBack(name, queue, item);
    queue.delayed.add(id);
  }

  /** Run by a timer: the delay of an item is over. */
  @cmd appear(name: string, id: number): void {
    this.mustBeTimer();
    const queue = this.queues.get(name);
    if (queue?.delayed.delete(id)) this.show(name, queue, id);
  }

  /** Run by a timer: an item was not acknowledged in time. */
  @cmd expire(name: string, receipt: number): void {
    this.mustBeTimer();
    const queue = this.queues.get(name);
    if (queue?.outstanding.has(receipt)) this.comeBack(name, queue, this.settle(queue, receipt).item);
  }

  /** Gives back all that this visitor has. Its number is unknown from then on. */
  @cmd depart(visitor: number): void {
    if (knownVisitor(this.visitors, visitor, this.context.session)) this.dismiss(visitor);
  }

  /** How many items and receivers there are. */
  @qry count(name: string): QueueCounts {
    const queue = this.queues.get(name);
    if (!queue) return { ready: 0, delayed: 0, delivered: 0, receivers: 0 };
    const { delayed, outstanding, ready, receivers } = queue;
    return {
      ready: ready.places.size,
      delayed: delayed.size,
      delivered: outstanding.size,
      receivers: receivers.size,
    };
  }

  /** How a queue behaves. */
  @qry settingsOf(name: string): QueueSettings {
    return this.queueOf(name).settings;
  }

  override sessionEnded(session: number): void {
    for (const visitor of visitorsOf(this.visitors, session)) this.dismiss(visitor);
  }

  /** The queue of this name, or a new one, which is no part of the state until it is kept. */
  private queueOf(name: string): QueueState {
    return this.queues.get(name) ?? newQueue(name);
  }

  /** To be called after a change: a name that is not used, or not any more, leaves nothing behind. */
  private keep(name: string, queue: QueueState): void {
    if (isUnused(name, queue)) this.queues.delete(name);
    else this.queues.set(name, queue);
  }

  /** First nobody waits with this visitor any more, so that it is not given what it gives back. */
  private dismiss(visitor: number): void {
    for (const [request, name] of this.visitors.byId.get(visitor)?.requests ?? []) {
      const queue = this.queueOf(name);
      queue.receivers.delete(keyOf(visitor, request));
      this.keep(name, queue);
    }
    forget(this.visitors, visitor);
    const receipts = this.receipts.get(visitor) ?? new Map<number, string>();
    this.receipts.delete(visitor);
    for (const [receipt, name] of receipts) {
      const queue = this.queues.get(name);
      if (queue?.settings.onSessionEnd !== 'redeliver') continue;
      this.comeBack(name, queue, this.settle(queue, receipt).item);
    }
  }

  /**
   * Takes what is ready out, up to what is wanted.
   *
   * @param mustTell Whether there is somebody to hear of no room for a timer.
   */
  private deliver(
    name: string,
    queue: QueueState,
    receiver: Receiver,
    mustTell: boolean,
  ): readonly Delivered[] {
    const { max, request, visibilityMs, visitor } = receiver;
    const delivered: Delivered[] = [];
    while (delivered.length < max && queue.ready.places.size > 0) {
      const receipt = Math.max(this.lastReceipt + 1, this.context.index);
      let timer: TimerId;
      try {
        timer = this.schedule(visibilityMs, 'expire', name, receipt);
      } catch (thrown) {
        if (mustTell && delivered.length === 0) throw thrown;
        break;
      }
      this.lastReceipt = receipt;
      const item = queue.items.get(shift(queue.ready) ?? 0);
      if (!item) throw new DecoraftError('Internal', `queue ${name} has lost an item`);
      item.attempts += 1;
      queue.outstanding.set(receipt, { item: item.id, visitor, request, timer });
      const receipts = this.receipts.get(visitor) ?? new Map<number, string>();
      this.receipts.set(visitor, receipts.set(receipt, name));
      delivered.push({ ...item, receipt });
    }
    return delivered;
  }

  private outstanding(queue: QueueState, receipt: number): Outstanding {
    const delivery = queue.outstanding.get(receipt);
    if (delivery) return delivery;
    throw new DecoraftError('NotFound', `receipt ${receipt} is not valid any more`, { data: { receipt } });
  }

  /** Ends a delivery. */
  private settle(queue: QueueState, receipt: number): { readonly item: QueueItem } {
    const { item: id, timer, visitor } = this.outstanding(queue, receipt);
    const item = queue.items.get(id);
    if (!item) throw new DecoraftError('Internal', `the item of receipt ${receipt} is lost`);
    this.cancel(timer);
    queue.outstanding.delete(receipt);
    const receipts = this.receipts.get(visitor);
    receipts?.delete(receipt);
    if (receipts?.size === 0) this.receipts.delete(visitor);
    return { item };
  }

  private isDead({ settings }: QueueState, { attempts }: QueueItem): boolean {
    return settings.maxAttempts > 0 && attempts >= settings.maxAttempts;
  }

  /** An item was delivered in vain: others may have it, or nobody of this queue any more. */
  private comeBack(name: string, queue: QueueState, item: QueueItem): void {
    const { deadLetters } = queue.settings;
    if (!this.isDead(queue, item) || deadLetters === name) return this.show(name, queue, item.id);
    queue.items.delete(item.id);
    this.keep(name, queue);
    const dead = this.queueOf(deadLetters);
    // However many there are: what nobody could handle is not lost for that.
    dead.items.set(item.id, { ...item, attempts: 0, from: name });
    this.keep(deadLetters, dead);
    this.show(deadLetters, dead, item.id);
  }

  /** An item may be delivered: to whoever waits longest, or to whoever comes. */
  private show(name: string, queue: QueueState, id: number): void {
    push(queue.ready, id);
    for (const [key, receiver] of queue.receivers) {
      const items = this.deliver(name, queue, receiver, false);
      if (items.length === 0) return;
      queue.receivers.delete(key);
      this.visitors.byId.get(receiver.visitor)?.requests.delete(receiver.request);
      this.onDelivered(receiver.visitor).notify({ kind: 'delivered', request: receiver.request, items });
    }
  }

  private mustBeTimer(): void {
    if (this.context.session !== undefined) {
      throw new DecoraftError('PermissionDenied', 'this is run by timers only');
    }
  }
}
