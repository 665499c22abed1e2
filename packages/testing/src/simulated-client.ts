import { type Cluster, connect } from '@decoraft/client';
import { pause, type Random } from '@decoraft/base';
import { DecoraftError, type NextStep } from '@decoraft/protocol';
import type { HistoryRecorder } from './history.js';
import { MachineClock } from './machine-clock.js';
import type { Workload } from './options.js';
import { integerBetween, millisecondsBetween, type Randomness } from './randomness.js';
import type { SimulatedProcess } from './simulated-process.js';
import type { World } from './world.js';

export interface ClientOptions {
  readonly world: World;
  readonly name: string;
  readonly randomness: Randomness;
  readonly history: HistoryRecorder;
  readonly workload: Workload;
  readonly lastRound: Workload | undefined;
  readonly thinkMs: number;
  /** Where the cluster is reached now. */
  readonly addresses: () => readonly string[];
}

const CLOCK_SKEW_MS = 60_000;
const RECONNECT_MS = 200;

/** Certainly not done, says the client; the checkers hold it to that. */
const NOT_DONE: ReadonlySet<NextStep> = new Set(['ask another node', 'try later']);
/** What a cluster under faults may answer; anything else a workload throws is a mistake of somebody. */
const EXPECTED: ReadonlySet<NextStep> = new Set([...NOT_DONE, 'may have happened', 'start over']);

/** A process that runs the user's workload with a real client, again and again. */
export class SimulatedClient {
  readonly name: string;
  readonly #options: ClientOptions;
  readonly #process: SimulatedProcess;
  readonly #random: Random;
  #rounds = 0;
  #phase: 'working' | 'stopping' | 'stopped' = 'working';

  constructor(options: ClientOptions) {
    const { name, randomness, world } = options;
    this.name = name;
    this.#options = options;
    this.#random = randomness.fork(`workload of ${name}`);
    const skewMs = integerBetween(randomness.fork(`clock of ${name}`), -CLOCK_SKEW_MS, CLOCK_SKEW_MS);
    this.#process = world.process({
      name,
      clock: new MachineClock(world.scheduler, skewMs),
      random: this.#random,
      onUncaught: (error) => world.fail(error),
    });
    world.network.switchOn(name);
  }

  /** How many rounds of the workload have ended. */
  get rounds(): number {
    return this.#rounds;
  }

  get isStopped(): boolean {
    return this.#phase === 'stopped';
  }

  start(): void {
    const { world } = this.#options;
    this.#process.schedule(0, 'start', () => {
      this.#work().then(
        () => void (this.#phase = 'stopped'),
        (error: unknown) => world.fail(error),
      );
    });
  }

  /** Begins no further round. */
  stop(): void {
    if (this.#phase === 'working') this.#phase = 'stopping';
  }

  async #work(): Promise<void> {
    const client = await this.#connect();
    while (this.#phase === 'working') {
      if (client) await this.#round(client, this.#options.workload);
      await pause(this.#process.clock, millisecondsBetween(this.#random, 0, 2 * this.#options.thinkMs));
    }
    const { lastRound } = this.#options;
    if (client && lastRound) await this.#round(client, lastRound);
    await client?.close();
  }

  async #connect(): Promise<Cluster | undefined> {
    const { addresses, name, randomness, world } = this.#options;
    const random = randomness.fork(`connection of ${name}`);
    const transport = world.network.dialer(name, this.#process);
    while (this.#phase === 'working') {
      try {
        return await connect(addresses(), { clock: this.#process.clock, random, transport });
      } catch (error) {
        rethrowUnexpected(error);
        await pause(this.#process.clock, RECONNECT_MS);
      }
    }
    return undefined;
  }

  async #round(client: Cluster, workload: Workload): Promise<void> {
    const { name } = this.#options;
    try {
      await workload({
        client,
        name,
        round: this.#rounds,
        random: this.#random,
        record: (input, call) => this.#record(input, call),
        sleep: (durationMs) => pause(this.#process.clock, durationMs),
      });
    } catch (error) {
      rethrowUnexpected(error);
    }
    this.#rounds += 1;
  }

  async #record<Output>(input: unknown, call: () => Promise<Output>): Promise<Output | undefined> {
    const operation = this.#options.history.invoke(this.name, input);
    try {
      const output = await call();
      operation.returned(output);
      return output;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (error instanceof DecoraftError && NOT_DONE.has(error.nextStep)) operation.failed(reason);
      else operation.unknown(reason);
      rethrowUnexpected(error);
      return undefined;
    }
  }
}

function rethrowUnexpected(error: unknown): void {
  if (!(error instanceof DecoraftError) || !EXPECTED.has(error.nextStep)) throw error;
}
