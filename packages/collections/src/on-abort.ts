/** By signal, those who wait for it; each in an object of its own, and never nobody. */
const waitingFor = new WeakMap<AbortSignal, Set<{ readonly listener: () => void }>>();

/**
 * Has `listener` called once when the signal is aborted: at once, where it is aborted already. However many wait for one
 * signal, as the workers of one loop do, it has one listener: Node takes more than ten for a leak, and says so.
 *
 * @param signal Without one, nothing is ever called.
 * @param listener Must not throw: others come behind it.
 * @returns Has it called no more. When nobody waits any more, nothing is left on the signal.
 */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (!signal) return () => {};
  if (signal.aborted) {
    listener();
    return () => {};
  }
  const waiting = waitingFor.get(signal) ?? new Set();
  if (waiting.size === 0) {
    waitingFor.set(signal, waiting);
    signal.addEventListener('abort', tellAll);
  }
  const own = { listener };
  waiting.add(own);
  return () => {
    if (waiting.delete(own) && waiting.size === 0) leave(signal);
  };
}

function tellAll(this: AbortSignal): void {
  const waiting = waitingFor.get(this) ?? [];
  leave(this);
  // Who leaves meanwhile is not told.
  for (const { listener } of waiting) listener();
}

function leave(signal: AbortSignal): void {
  waitingFor.delete(signal);
  signal.removeEventListener('abort', tellAll);
}
