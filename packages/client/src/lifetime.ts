import { createDeferred, onAbort } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';

/**
 * The door of a connection: whatever its user calls goes through here, so that a signal and a close end it at once,
 * wherever it waits, and a drain knows when the last one is over.
 */
export class Lifetime {
  readonly #underWay = new Set<(reason: unknown) => void>();
  readonly #idle = createDeferred<void>();
  #phase: 'open' | 'draining' | 'closed' = 'open';

  /** Lets nothing in any more. @returns Resolves when nothing is under way. */
  drain(): Promise<void> {
    if (this.#phase === 'open') this.#phase = 'draining';
    this.#maybeIdle();
    return this.#idle.promise;
  }

  /** Rejects what is under way. */
  close(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    const words = 'the connection to the cluster was closed before an answer came';
    for (const reject of this.#underWay) reject(new DecoraftError('Cancelled', words));
    this.#underWay.clear();
    this.#maybeIdle();
  }

  /**
   * What `work` gives.
   *
   * @throws The signal's reason as soon as it is aborted; DecoraftError `Cancelled` when the connection is closed.
   */
  run<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    if (this.#phase !== 'open') return Promise.reject(this.#refusal());
    if (signal?.aborted) return Promise.reject(reasonOf(signal));
    return new Promise<Result>((resolve, reject) => {
      const leave = this.#enter(reject, signal);
      const after =
        <Value>(tell: (value: Value) => void) =>
        (value: Value): void => {
          leave();
          tell(value);
        };
      work().then(after(resolve), after(reject));
    });
  }

  /** @returns To be called when the work is over. */
  #enter(reject: (reason: unknown) => void, signal: AbortSignal | undefined): () => void {
    this.#underWay.add(reject);
    // Every call comes by here, most of them without a signal: they have nothing to let go of.
    if (!signal) return () => this.#leave(reject);
    const release = onAbort(signal, () => {
      this.#leave(reject);
      reject(reasonOf(signal));
    });
    return () => {
      release();
      this.#leave(reject);
    };
  }

  #leave(reject: (reason: unknown) => void): void {
    this.#underWay.delete(reject);
    this.#maybeIdle();
  }

  #refusal(): DecoraftError {
    const words = this.#phase === 'draining' ? 'is drained: it takes no new calls' : 'is closed';
    return new DecoraftError('Cancelled', `this connection to the cluster ${words}`);
  }

  #maybeIdle(): void {
    if (this.#phase !== 'open' && this.#underWay.size === 0) this.#idle.resolve();
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason as Error;
}
