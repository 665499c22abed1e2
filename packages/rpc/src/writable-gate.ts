import { createDeferred, type Deferred } from '@decoraft/base';

/** Where streams wait while a connection has too much to send. */
export class WritableGate {
  readonly #isFull: () => boolean;
  /** There while somebody waits. */
  #waiting: Deferred<void> | undefined;

  constructor(isFull: () => boolean) {
    this.#isFull = isFull;
  }

  /** Undefined while the connection takes more; otherwise resolves when it does again, or has ended. */
  whenWritable(): Promise<void> | undefined {
    if (!this.#isFull()) return undefined;
    return (this.#waiting ??= createDeferred()).promise;
  }

  /** Something has left, or nothing will any more. */
  drained(): void {
    if (!this.#waiting || this.#isFull()) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }
}
