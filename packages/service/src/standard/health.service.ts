import { type Clock, createDeferred, pause, systemClock } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { rpc, RpcService } from '@decoraft/service';
import type { HealthStatus } from './health-status.js';

/** How long a change may stay unseen by those who watch. */
const LOOK_MS = 100;

export interface HealthOptions {
  /** What is known of a service, where nobody has {@link Health.set} anything; of the whole, where the name is empty. */
  readonly statusOf: (service: string) => HealthStatus;
  readonly clock?: Clock;
}

/** Whether the services of a server can be called: for load balancers, and for those who wait until they can. */
export class Health extends RpcService {
  readonly #statusOf: HealthOptions['statusOf'];
  readonly #clock: Clock;
  readonly #given = new Map<string, HealthStatus>();
  #isDraining = false;
  /** Resolved, and made anew, with every word that was said here. */
  #said = createDeferred<void>();

  constructor({ clock = systemClock, statusOf }: HealthOptions) {
    super();
    this.#statusOf = statusOf;
    this.#clock = clock;
  }

  override get readsNoBindings(): boolean {
    return true;
  }

  /**
   * How a service is now.
   *
   * @param service The name under which it is registered, or that of a machine; the server as a whole when left out or
   *   empty.
   */
  @rpc check(service = ''): HealthStatus {
    const known = this.#statusOf(service);
    if (this.#isDraining && known !== 'unknown') return 'not-serving';
    return this.#given.get(service) ?? known;
  }

  /** How a service is now, and then each change, within a tenth of a second. Ends with the server. */
  @rpc async *watch(service = ''): AsyncGenerator<HealthStatus> {
    let last: HealthStatus | undefined;
    for (;;) {
      const status = this.check(service);
      if (status !== last) yield status;
      last = status;
      await Promise.race([pause(this.#clock, LOOK_MS), this.#said.promise]);
    }
  }

  /**
   * Says how a service is, whatever else is known of it: one that waits for a database may say that it is not serving.
   *
   * @param service The name under which it is registered; the server as a whole when empty.
   * @param status `undefined` takes back what was said.
   * @throws DecoraftError `InvalidArgument` for what is no status.
   */
  set(service: string, status: 'serving' | 'not-serving' | undefined): void {
    if (status === undefined) this.#given.delete(service);
    else if (status === 'serving' || status === 'not-serving') this.#given.set(service, status);
    else throw new DecoraftError('InvalidArgument', `${String(status)} is no status of a service`);
    this.#tell();
  }

  /** From now on nothing is serving: the server is about to close. */
  drain(): void {
    this.#isDraining = true;
    this.#tell();
  }

  #tell(): void {
    this.#said.resolve();
    this.#said = createDeferred<void>();
  }
}
