import type { Clock } from '@decoraft/base';
import type { RpcError } from '../errors.js';
import type { Metadata } from '../metadata.js';
import type { CallContext, ConnectionInfo } from '../service.js';

/** One request as its handler sees it. */
export class ServerCall implements CallContext {
  readonly connection: ConnectionInfo;
  readonly metadata: Metadata;
  /** Instant of the clock's monotonic time; Infinity for none. */
  readonly deadlineMs: number;
  readonly #clock: Clock;
  #controller: AbortController | undefined;
  #reason: RpcError | undefined;

  constructor(connection: ConnectionInfo, metadata: Metadata, deadlineMs: number, clock: Clock) {
    this.connection = connection;
    this.metadata = metadata;
    this.deadlineMs = deadlineMs;
    this.#clock = clock;
  }

  /** Made when it is first asked for: most handlers never do, and it costs more than the rest of a call. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason);
    return this.#controller.signal;
  }

  get isAwaited(): boolean {
    return this.#reason === undefined && this.remainingMs !== 0;
  }

  get remainingMs(): number | undefined {
    if (this.deadlineMs === Infinity) return undefined;
    return Math.max(0, this.deadlineMs - this.#clock.monotonicMs());
  }

  /** Nobody waits for the result any more. */
  abort(reason: RpcError): void {
    this.#reason ??= reason;
    this.#controller?.abort(this.#reason);
  }
}
