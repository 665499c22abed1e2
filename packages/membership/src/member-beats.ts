import type { Clock, Timer } from '@decoraft/base';
import type { Cluster } from '@decoraft/client';
import { DecoraftError, DEFAULT_GROUP } from '@decoraft/protocol';
import { BEAT_METHOD, type BeatAnswer } from './beat.js';
import type { LeaseMoment, MemberLease } from './lease.js';
import { heartbeatServiceName } from './names.js';
import type { Life } from './records.js';

/** So many beats go out in one timeout, if nothing is wrong. */
const BEATS_PER_TIMEOUT = 5;
/** A beat that takes longer than so many intervals is given up: the next ones are on their way by then. */
const PATIENCE_INTERVALS = 2;

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

/** A member's signs of life: one in each interval, whatever became of those before it. */
export class MemberBeats {
  readonly #options: MemberBeatsOptions;
  readonly #intervalMs: number;
  #timer: Timer | undefined;
  #isClosed = false;

  constructor(options: MemberBeatsOptions) {
    this.#options = options;
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
    const sent: LeaseMoment = lease.moment();
    try {
      const answer = await this.#send();
      if (this.#isClosed) return;
      if (answer.kind === 'heard') lease.renew(sent);
      onAnswer(answer);
    } catch (thrown) {
      // The next beat is the retry. What the lease says is true in any case.
      if (DecoraftError.from(thrown).code === 'Cancelled') onCancelled();
    }
  }

  async #send(): Promise<BeatAnswer> {
    const { cluster, life } = this.#options;
    const service = cluster.service(heartbeatServiceName(DEFAULT_GROUP));
    const timeoutMs = this.#intervalMs * PATIENCE_INTERVALS;
    return (await service.call(BEAT_METHOD.beat, [life], { timeoutMs })) as BeatAnswer;
  }
}
