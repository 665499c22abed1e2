import { pause } from '@decoraft/base';
import {
  type Beginner,
  bootstrapLog,
  clusterIdOf,
  decideAdmission,
  fingerprintOf,
  type HostPorts,
  otherDisk,
} from '@decoraft/host';
import type { MemberAddress } from '@decoraft/protocol';
import type { LogReader } from '@decoraft/raft';
import type { NodeLog } from '@decoraft/storage';
import type { ClusterDoor } from './cluster-door.js';

export interface BeginningOptions {
  readonly id: string;
  /** Empty. */
  readonly log: NodeLog;
  /** All that begin the cluster, this node among them. */
  readonly list: readonly MemberAddress[];
  readonly door: ClusterDoor;
  readonly ports: HostPorts;
}

/** Between two rounds of asking. */
const PAUSE_MS = 100;

/**
 * A node of the first list with an empty disk, until it knows whether it may take part: `admission.ts` of the host says
 * when that is. It goes on answering those who ask the same after it has begun.
 */
export class Beginning implements Beginner {
  readonly disk: number;
  readonly cluster: number;
  readonly #options: BeginningOptions;
  #countedOn: ReadonlyMap<string, number> = new Map();

  constructor(options: BeginningOptions) {
    this.disk = options.log.diskId;
    this.cluster = fingerprintOf(clusterIdOf(options.list));
    this.#options = options;
  }

  get countedOn(): ReadonlyMap<string, number> {
    return this.#countedOn;
  }

  /**
   * One round: everybody else on the list is asked, and the answers of those who answer in time are judged.
   *
   * @returns Whether the log has begun.
   * @throws DecoraftError `ClusterMismatch` when the others know this node with another disk; as {@link bootstrapLog}.
   */
  async tryOnce(): Promise<boolean> {
    const { cluster, disk } = this;
    const { door, id, list, log } = this.#options;
    const others = list.filter((member) => member.id !== id);
    const answers = await door.askToBegin({ id, disk, cluster }, others);
    const admission = decideAdmission(disk, list.length, answers);
    if (admission.kind === 'refused') throw otherDisk(id);
    if (admission.kind === 'undecided') return false;
    this.#countedOn = admission.countedOn;
    await bootstrapLog(log, list, admission.promise && { promise: admission.promise });
    return true;
  }

  /** Round after round, until the log has begun, or `isOver`. Returns and throws as {@link tryOnce}. */
  async keepTrying(isOver: () => boolean): Promise<boolean> {
    const { list, ports } = this.#options;
    ports.logger.log(
      'info',
      'waits to begin: its disk is empty, and too few of the others can say that it is new',
      {
        others: list.length - 1,
      },
    );
    while (!isOver()) {
      await pause(ports.clock, PAUSE_MS);
      if (!isOver() && (await this.tryOnce())) return true;
    }
    return false;
  }
}

/** How a node finds its cluster when it starts. */
export interface Entrance {
  /** Empty where the disk knows it. */
  readonly clusterId: string;
  /** Addresses by id, until the log says more. */
  readonly hints: ReadonlyMap<string, string>;
  /** It takes part only once this has begun the log. */
  readonly beginning?: Beginning;
}

/** A disk that knows nothing of any cluster. */
export function isEmpty(log: LogReader): boolean {
  return log.lastIndex() === 0 && !log.snapshot();
}
