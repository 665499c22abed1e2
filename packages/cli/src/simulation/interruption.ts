import type { Check } from '@decoraft/testing';
import type { Terminal } from '../terminal.js';

/** Ends a run from within, in the place of a check: a run that is merely left alone goes on to its end. */
export class Interruption {
  #happened = false;

  constructor(terminal: Terminal) {
    void terminal.untilInterrupted().then(() => (this.#happened = true));
  }

  /** Whether the user wants no more. */
  get happened(): boolean {
    return this.#happened;
  }

  /** To be among the checks of every run; after it, a run that failed says nothing. */
  readonly check = (): Check => ({
    stepped: () => {
      if (this.#happened) throw new Error('interrupted');
    },
  });
}
