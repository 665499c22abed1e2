import { ByteReader, ByteWriter, messageOf } from '@decoraft/base';
import { type HostPorts, otherDisk } from '@decoraft/host';
import {
  type DecoraftError,
  decodeMembersImage,
  encodeMember,
  GROUP_METHOD,
  type MembersImage,
} from '@decoraft/protocol';
import { LeaderCalls } from './leader-calls.js';

export interface JoinOptions {
  /** Stays a learner: follows, and never votes. */
  readonly learner?: boolean;
  /** A member whose place this node takes: it leaves in the same step in which this node gets its vote. */
  readonly replaces?: string;
  /** Milliseconds until it gives up; 30,000 by default. */
  readonly timeoutMs?: number;
}

export interface JoiningNode {
  /** Where the others reach it. */
  readonly address: string;
  readonly disk: number;
  /** Where members may be found. */
  readonly seeds: readonly string[];
}

export interface ClusterDoorOptions {
  readonly id: string;
  readonly service: number;
  readonly ports: HostPorts;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** How long a node that begins waits to hear whether the others know it already. */
const DISK_CHECK_MS = 500;

/** How a node comes into its cluster and goes out of it: what it asks of the others, and of the leader. */
export class ClusterDoor {
  readonly #options: ClusterDoorOptions;
  readonly #calls: LeaderCalls;

  constructor(options: ClusterDoorOptions) {
    const { ports, service } = options;
    this.#options = options;
    this.#calls = new LeaderCalls({ service, channels: ports.channels, clock: ports.clock });
  }

  /** Asks to be taken in as a learner. @returns The members as they are then. */
  async join({ address, disk, seeds }: JoiningNode, options: JoinOptions): Promise<MembersImage> {
    const { learner = false, replaces = '', timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const member = { id: this.#options.id, address, disk, promote: !learner, replaces };
    const answer = await this.#calls.call(GROUP_METHOD.join, encodeMember(member), {
      addresses: seeds,
      timeoutMs,
    });
    return decodeMembersImage(answer);
  }

  async remove(id: string, addresses: readonly string[]): Promise<void> {
    await this.#calls.call(GROUP_METHOD.remove, textBytes(id), {
      addresses,
      timeoutMs: DEFAULT_TIMEOUT_MS,
    });
  }

  async transfer(to: string | undefined, addresses: readonly string[]): Promise<void> {
    await this.#calls.call(GROUP_METHOD.transfer, textBytes(to ?? ''), {
      addresses,
      timeoutMs: DEFAULT_TIMEOUT_MS,
    });
  }

  /**
   * Refuses to begin with an empty disk under a name that the others know with another one: such a node has forgotten
   * whom it voted for and what it acknowledged (checklist C45). Who does not answer in time is passed over: where
   * nobody runs yet, there is nothing to know.
   *
   * @throws DecoraftError `ClusterMismatch`
   */
  async checkDisk(disk: number, addresses: readonly string[]): Promise<void> {
    const known = await Promise.all(addresses.map((address) => this.#knownDisk(address)));
    if (known.some((other) => other !== 0 && other !== disk)) throw otherDisk(this.#options.id);
  }

  async #knownDisk(address: string): Promise<number> {
    const { id, ports } = this.#options;
    const payload = textBytes(id);
    try {
      const answer = await this.#calls.callOne(address, GROUP_METHOD.memberDisk, payload, DISK_CHECK_MS);
      return new ByteReader(answer).u32();
    } catch (thrown) {
      const { code } = thrown as Partial<DecoraftError>;
      ports.logger.log('debug', 'a peer could not be asked', { address, code, reason: messageOf(thrown) });
      return 0;
    }
  }
}

function textBytes(text: string): Uint8Array {
  return new ByteWriter().text(text).finish();
}
