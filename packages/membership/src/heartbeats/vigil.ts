import type { Clock, Logger, Timer } from '@decoraft/base';
import { messageOf } from '@decoraft/base';
import { type LastSeen, silentMembers, withFirstSight } from './failure-detector.js';
import { ListeningTime } from './listening-time.js';
import type { Life, MemberRecord, Silence } from '../records.js';
import type { MemberRegistry } from '../registry/member-registry.machine.js';
import type { HostRaft } from './hosts.js';

/** How often the leader looks who is silent. */
const LOOK_MS = 200;
/** Of a longer gap between two looks, this much counts as listened: timers are late on a busy machine. */
const MOST_GAP_MS = 2 * LOOK_MS;

export interface VigilOptions {
  readonly raft: HostRaft;
  readonly registry: Pick<MemberRegistry, 'record' | 'online'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Has the group agree that these are silent. Resolves when that is decided, one way or the other. */
  readonly report: (term: number, silent: readonly Silence[]) => Promise<void>;
}

/**
 * The leader's watch over the beats. What it remembers decides nothing: it is when somebody was heard of, of which it
 * makes proposals, and the machine decides. A new leader has heard of nobody, and gives all a full period.
 */
export class Vigil {
  readonly #options: VigilOptions;
  readonly #time = new ListeningTime(MOST_GAP_MS);
  #term = 0;
  #lastSeen = new Map<string, LastSeen>();
  /** Who was found silent, until it is decided what becomes of that. */
  readonly #judged = new Map<string, Promise<void>>();
  #timer: Timer | undefined;

  constructor(options: VigilOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      this.start();
      this.#look();
    });
  }

  close(): void {
    this.#timer?.cancel();
  }

  /** A beat of this life has come. @returns Until what is being decided about the member is decided. */
  heard({ id, incarnation }: Life): Promise<void> | undefined {
    const nowMs = this.#listen();
    const member = this.#options.registry.record(id);
    if (member?.incarnation === incarnation) this.#lastSeen.set(id, { incarnation, atMs: nowMs });
    return this.#judged.get(id);
  }

  #look(): void {
    const nowMs = this.#listen();
    const { raft, registry } = this.#options;
    if (!raft.isLeader) return;
    const watched = registry.online();
    this.#lastSeen = withFirstSight(watched, this.#lastSeen, nowMs);
    const silent = silentMembers(watched, this.#lastSeen, nowMs).filter(({ id }) => !this.#judged.has(id));
    if (silent.length > 0) this.#judge(silent, nowMs);
  }

  /** Time as far as this node listened, in its present term as a leader: what it heard in another one is forgotten. */
  #listen(): number {
    const { clock, raft } = this.#options;
    if (raft.term !== this.#term) {
      this.#term = raft.term;
      this.#lastSeen.clear();
    }
    return this.#time.look(clock.monotonicMs());
  }

  #judge(silent: readonly MemberRecord[], nowMs: number): void {
    const { clock, logger, report } = this.#options;
    const wallMs = clock.now();
    const silences = silent.map(({ id, incarnation, onlineVersion }) => {
      const seenMs = this.#lastSeen.get(id)?.atMs ?? nowMs;
      return { id, incarnation, onlineVersion, lastSeenMs: wallMs - (nowMs - seenMs) };
    });
    const settled = report(this.#term, silences)
      .catch((thrown: unknown) => {
        logger.log('debug', 'silent members could not be reported', { reason: messageOf(thrown) });
      })
      .finally(() => {
        for (const { id } of silent) this.#judged.delete(id);
      });
    for (const { id } of silent) this.#judged.set(id, settled);
  }
}
