import type { Terminal } from '../terminal.js';

/** What is thrown when the user wants no more. */
export class Interrupted extends Error {
  override name = 'Interrupted';
}

/** A signal that aborts when the user wants no more, with {@link Interrupted}. */
export function interruptionOf(terminal: Terminal): AbortSignal {
  const controller = new AbortController();
  void terminal.untilInterrupted().then(() => controller.abort(new Interrupted('interrupted')));
  return controller.signal;
}
