/**
 * Calls `callback` when what is ready in this turn of the event loop has been handled, so that all of it can leave
 * together. Node has a phase for this; in a browser, which batches its socket writes itself, the end of the
 * current task's microtasks has to do.
 */
export const afterTurn: (callback: () => void) => void =
  typeof setImmediate === 'function' ? (callback) => void setImmediate(callback) : queueMicrotask;
