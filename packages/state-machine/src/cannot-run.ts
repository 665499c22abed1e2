import type { DecoraftError } from '@decoraft/protocol';

/** What is not an entry's answer, but the end of the replica that was to apply it. */
export class CannotRun {
  readonly error: DecoraftError;

  constructor(error: DecoraftError) {
    this.error = error;
  }
}
