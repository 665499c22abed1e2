import { tell } from './event-emitter.js';

/** By signal, those who wait for it. */
const waitingOn = new WeakMap<AbortSignal, Waiting>();

/**
 * Has `listener` called once when the signal is aborted: at once, where it is aborted already. However many wait for one
 * signal, it has one listener: Node takes more than ten for a leak, and says so.
 *
 * @param signal Without one, nothing is ever called.
 * @param listener An error that it throws surfaces as an uncaught one, and disturbs no other.
 * @returns Has it called no more. When nobody waits any more, nothing is left on the signal.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) {
    tell(listener);
    return () => {};
  }
  let waiting = waitingOn.get(signal);
  if (!waiting) waitingOn.set(signal, (waiting = new Waiting(signal)));
  return waiting.add(listener);
}

class Waiting {
  readonly #signal: AbortSignal;
  /** Each in an object of its own: the same function may wait twice. Never empty while it stands in the map. */
  readonly #listeners = new Set<{ readonly listener: () => void }>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this.#aborted);
  }

  add(listener: () => void): () => void {
    const own = { listener };
    this.#listeners.add(own);
    return () => {
      if (this.#listeners.delete(own) && this.#listeners.size === 0) this.#leave();
    };
  }

  readonly #aborted = (): void => {
    this.#leave();
    for (const own of this.#listeners) {
      this.#listeners.delete(own);
      tell(own.listener);
    }
  };

  #leave(): void {
    waitingOn.delete(this.#signal);
    this.#signal.removeEventListener('abort', this.#aborted);
  }
}
