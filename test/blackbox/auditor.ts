import { type Cluster, connect } from 'decoraft/client';
import { until } from '../../examples/key-value/src/node-process.js';
import { Truth } from './checks/truth.js';
import { JournalClient } from './processes/generated/journal.client.js';
import type { Witness } from './processes/journal.machine.js';
import { JOURNAL } from './processes/names.js';

const PATIENCE_MS = 60_000;
/** Nodes may be away for long; who hears everything must not be forgotten. */
const SESSION_TIMEOUT_MS = 600_000;

/** The one client before whom no proxy stands: it hears of every change from the first on, and asks in the end. */
export class Auditor {
  readonly truth = new Truth();
  readonly #cluster: Cluster;
  readonly #journal: JournalClient;
  readonly #keys: readonly string[];
  readonly #complaints: string[] = [];

  private constructor(cluster: Cluster, keys: readonly string[]) {
    this.#cluster = cluster;
    this.#keys = keys;
    this.#journal = new JournalClient(cluster, JOURNAL, { timeoutMs: PATIENCE_MS });
  }

  /** Resolves when it hears of all that follows. */
  static async begin(addresses: readonly string[], keys: readonly string[]): Promise<Auditor> {
    const options = { connectTimeoutMs: PATIENCE_MS, sessionTimeoutMs: SESSION_TIMEOUT_MS };
    const auditor = new Auditor(await connect(addresses, options), keys);
    await Promise.all(keys.map((key) => auditor.#listenTo(key)));
    return auditor;
  }

  /** Why it does not know all that it should, in words. */
  get complaints(): readonly string[] {
    return [...this.#complaints, ...this.truth.gaps];
  }

  /** How often each key was changed, when nobody changes it any more; all that was heard of by then. */
  async versions(): Promise<Readonly<Record<string, number>>> {
    const journal = this.#journal.with({ consistency: 'linearizable' });
    const versions = await Promise.all(
      this.#keys.map(async (key) => [key, (await journal.read(key)).version] as const),
    );
    await until(
      'the unhindered subscriber has heard of every change',
      () => this.#complaints.length > 0 || versions.every(([key, last]) => this.truth.of(key).length >= last),
      PATIENCE_MS,
    );
    return Object.fromEntries(versions);
  }

  async witnesses(): Promise<readonly Witness[]> {
    return this.#journal.with({ consistency: 'linearizable' }).witnessed();
  }

  async close(): Promise<void> {
    await this.#cluster.close();
  }

  async #listenTo(key: string): Promise<void> {
    const { ended } = await this.#journal.onChanged(key, (change) => this.truth.heard(change));
    void ended.then(
      (reason) =>
        reason && this.#complaints.push(`the subscription without proxies has ended: ${reason.message}`),
    );
  }
}
