import { DecoraftError, onAbort } from 'decoraft/client';
import type { Delivery, Handled, ReceiveOptions } from './delivery.js';
import { StaleReceipt } from './errors.js';
import { mayBeRepeated } from './persistence.js';

/** How a loop over a queue goes. */
export interface ConsumeOptions {
  /** How many items are handled at once: a whole number from 1 to 1,000; 1 by default. */
  readonly concurrency?: number;
  /** Ends the loop: nothing more is received, and handlers under way are waited for. */
  readonly signal?: AbortSignal;
  /**
   * For how many milliseconds nobody else sees an item; 30,000 by default. It is extended three times in that while the
   * handler works: shorter is sooner with others when this client dies, longer bears longer pauses. More than 0, at most
   * 2,147,483,647.
   */
  readonly visibilityMs?: number;
  /** After how many milliseconds others may have what the handler threw at; 0 by default. */
  readonly retryDelayMs?: number;
  /** Told of what the handler threw, and of items that were lost to others. Must not throw. */
  readonly onFailed?: (error: unknown, delivery: Delivery<unknown>) => void;
}

/** Where items come from. */
interface Source<Item> {
  receive(options: ReceiveOptions): Promise<readonly Delivery<Item>[]>;
}

type Handler<Item> = (delivery: Handled<Item>) => unknown;

const WAIT_MS = 20_000;
const MOST_AT_ONCE = 1_000;

/** Beyond this, timers of JavaScript fire at once. */
const MAX_TIMER_MS = 0x7fff_ffff;

const PAUSE_MS = 200;

/** See `Queue.consume`. */
export async function consume<Item>(
  source: Source<Item>,
  handler: Handler<Item>,
  options: ConsumeOptions,
): Promise<void> {
  checkConsuming(handler, options);
  const { concurrency = 1 } = options;
  // One that fails ends the others: they would go on where nobody knows of them.
  const end = new AbortController();
  const abort = (): void => end.abort();
  if (options.signal?.aborted) return;
  const leaveSignal = onAbort(options.signal, abort);
  try {
    const workers = Array.from({ length: concurrency }, () =>
      work(source, handler, options, end.signal).finally(abort),
    );
    const ends = await Promise.allSettled(workers);
    const failed = ends.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  } finally {
    leaveSignal();
  }
}

/** Before anything is received: what is wrong with the loop is no fault of an item, which would be rejected for it. */
function checkConsuming(handler: unknown, options: ConsumeOptions): void {
  if (typeof handler !== 'function') {
    throw new DecoraftError(
      'InvalidArgument',
      `consume needs a function that handles items, not ${typeof handler}`,
    );
  }
  const { concurrency = 1, retryDelayMs = 0, visibilityMs = 1 } = options;
  if (!Number.isSafeInteger(concurrency) || concurrency < 1 || concurrency > MOST_AT_ONCE) {
    const words = `concurrency is ${concurrency}: a whole number from 1 to ${MOST_AT_ONCE}`;
    throw new DecoraftError('InvalidArgument', words);
  }
  if (!(visibilityMs > 0 && visibilityMs <= MAX_TIMER_MS)) {
    const words = `visibilityMs is ${visibilityMs}: a number of milliseconds above 0, at most ${MAX_TIMER_MS}`;
    throw new DecoraftError('InvalidArgument', words);
  }
  if (!(retryDelayMs >= 0)) {
    const words = `retryDelayMs is ${retryDelayMs}: a number of milliseconds of 0 or more`;
    throw new DecoraftError('InvalidArgument', words);
  }
}

async function work<Item>(
  source: Source<Item>,
  handler: Handler<Item>,
  options: ConsumeOptions,
  end: AbortSignal,
): Promise<void> {
  const { visibilityMs = 30_000 } = options;
  let isExpired = false;
  while (!end.aborted) {
    try {
      const deliveries = await source.receive({ visibilityMs, waitMs: WAIT_MS, signal: end });
      isExpired = false;
      for (const delivery of deliveries) await handle(delivery, handler, visibilityMs, options);
    } catch (thrown) {
      if (end.aborted) return;
      const isEnded = thrown instanceof DecoraftError && thrown.code === 'SessionExpired';
      // The next call begins a new session, or hears the same again.
      if (!mayBeRepeated(thrown) && (!isEnded || isExpired)) throw thrown;
      isExpired = isEnded;
      await pause();
    }
  }
}

/** Never throws: what goes wrong with one item is no end of the others. */
async function handle<Item>(
  delivery: Delivery<Item>,
  handler: Handler<Item>,
  visibilityMs: number,
  { onFailed, retryDelayMs = 0 }: ConsumeOptions,
): Promise<void> {
  const grip = new Grip(delivery, visibilityMs);
  try {
    await handler({ ...delivery, signal: grip.signal });
  } catch (error) {
    grip.end();
    onFailed?.(error, delivery);
    await untilSaid(() => delivery.reject({ delayMs: retryDelayMs })).catch(() => undefined);
    return;
  }
  grip.end();
  await untilSaid(() => delivery.acknowledge()).catch((error: unknown) => onFailed?.(error, delivery));
}

/** Says it until the cluster has heard it. It may have the first time: then the receipt is not valid the second time. */
async function untilSaid(say: () => Promise<void>): Promise<void> {
  for (let isFirst = true; ; isFirst = false) {
    try {
      return await say();
    } catch (thrown) {
      if (!isFirst && thrown instanceof StaleReceipt) return;
      if (!mayBeRepeated(thrown)) throw thrown;
    }
    await pause();
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}

/** Holds on to an item while it is worked on, and notices when it has slipped away. */
class Grip {
  readonly #lost = new AbortController();
  readonly #delivery: Delivery<unknown>;
  readonly #visibilityMs: number;
  readonly #timer: ReturnType<typeof setInterval>;
  /** When it was held for certain, by this process's own time. */
  #heldAtMs = performance.now();
  #isExtending = false;

  constructor(delivery: Delivery<unknown>, visibilityMs: number) {
    this.#delivery = delivery;
    this.#visibilityMs = visibilityMs;
    this.#timer = setInterval(() => void this.#extend(), visibilityMs / 3);
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #extend(): Promise<void> {
    const nowMs = performance.now();
    // A process that stood still, or was cut off for so long, need not ask to know.
    if (nowMs - this.#heldAtMs > this.#visibilityMs) this.#lose(new StaleReceipt(this.#delivery.receipt));
    if (this.#isExtending) return;
    this.#isExtending = true;
    try {
      await this.#delivery.extend(this.#visibilityMs);
      this.#heldAtMs = nowMs;
    } catch (thrown) {
      if (thrown instanceof StaleReceipt) this.#lose(thrown);
    } finally {
      this.#isExtending = false;
    }
  }

  #lose(reason: StaleReceipt): void {
    this.#lost.abort(reason);
    this.end();
  }
}
