import type { Clock, Timer } from '@decoraft/base';
import type { Cluster } from '@decoraft/client';
import { DecoraftError } from '@decoraft/protocol';
import { heartbeatServiceName } from '../names.js';
import type { Life } from '../records.js';
import type { BeatAnswer } from './beat.js';
import { HeartbeatsClient } from './generated/heartbeats.client.js';
import type { MemberLease } from './lease.js';

/** So many beats go out in one timeout, if nothing is wrong. */
const BEATS_PER_TIMEOUT = 5;
/** How long a leader that could not be reached from here is left alone: other nodes pass beats on to it. */
const UNREACHABLE_MS = 10_000;

export interface MemberBeatsOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly lease: MemberLease;
  readonly life: Life;
  readonly timeoutMs: number;
  readonly onAnswer: (answer: BeatAnswer) => void;
  /** The connection to the cluster is closed. */
  readonly onCancelled: () => void;
}

/**
 * A member's signs of life: one in each interval, whatever became of those before it; to the leader, when it is known and
 * can be reached, else to any node, which passes it on.
 */
export class MemberBeats {
  readonly #options: MemberBeatsOptions;
  readonly #service: string;
  readonly #intervalMs: number;
  #leader: string | undefined;
  readonly #unreachableSinceMs = new Map<string, number>();
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: MemberBeatsOptions) {
    this.#options = options;
    this.#service = heartbeatServiceName(options.cluster.groupName);
    this.#intervalMs = options.timeoutMs / BEATS_PER_TIMEOUT;
  }

  start(): void {
    if (this.#isClosed) return;
    this.#timer = this.#options.clock.after(this.#intervalMs, () => this.start());
    void this.#beat();
  }

  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
  }

  async #beat(): Promise<void> {
    const { lease, onAnswer, onCancelled } = this.#options;
    const sent = lease.moment();
    try {
      const answer = (await this.#toLeader()) ?? (await this.#toAny());
      if (this.#isClosed) return;
      if (answer.kind === 'heard') lease.renew(sent);
      onAnswer(answer);
    } catch (thrown) {
      // The next beat is the retry. What the lease says is true in any case.
      if (DecoraftError.from(thrown).code === 'Cancelled') onCancelled();
    }
  }

  /** `undefined` where it is not known, leads no more, or cannot be reached. */
  async #toLeader(): Promise<BeatAnswer | undefined> {
    const { cluster, life } = this.#options;
    const address = this.#leader;
    if (address === undefined || this.#isUnreachable(address)) return undefined;
    try {
      return await this.#client(cluster.node(address)).beatHere(life);
    } catch (thrown) {
      const { code } = DecoraftError.from(thrown);
      if (code === 'Cancelled') throw thrown;
      if (code !== 'NotLeader') this.#unreachableSinceMs.set(address, this.#options.clock.monotonicMs());
      if (this.#leader === address) this.#leader = undefined;
      return undefined;
    }
  }

  async #toAny(): Promise<BeatAnswer> {
    const { cluster, life } = this.#options;
    const answer = await this.#client(cluster).beat(life);
    if (answer.kind === 'heard') this.#leader = answer.leader === '' ? undefined : answer.leader;
    return answer;
  }

  /** A beat that takes longer than an interval is given up: the next ones are on their way by then. */
  #client(host: ConstructorParameters<typeof HeartbeatsClient>[0]): HeartbeatsClient {
    return new HeartbeatsClient(host, this.#service, { timeoutMs: this.#intervalMs });
  }

  #isUnreachable(address: string): boolean {
    const sinceMs = this.#unreachableSinceMs.get(address);
    if (sinceMs === undefined) return false;
    if (this.#options.clock.monotonicMs() - sinceMs < UNREACHABLE_MS) return true;
    this.#unreachableSinceMs.delete(address);
    return false;
  }
}
