import { ByteWriter, messageOf } from '@decoraft/base';
import {
  type AdmissionQuestion,
  type AnswerOf,
  decodeAdmissionAnswer,
  encodeQuestion,
  type HostPorts,
} from '@decoraft/host';
import {
  type DecoraftError,
  decodeMembersImage,
  encodeMember,
  encodeProposal,
  GROUP_METHOD,
  type GroupLimits,
  type MemberAddress,
  type MembersImage,
} from '@decoraft/protocol';
import { nodeId } from '@decoraft/raft';
import { LeaderCalls } from './leader-calls.js';

export interface JoinOptions {
  /** Stays a learner: follows, and never votes. */
  readonly learner?: boolean;
  /** A member whose place this node takes: it leaves in the same step in which this node gets its vote. */
  readonly replaces?: string;
  /** Milliseconds until it gives up; 30,000 by default. */
  readonly timeoutMs?: number;
}

/** How to enter what runs already: the addresses of members, one of which answers. */
export type JoinWay = readonly string[] | (JoinOptions & { readonly seeds: readonly string[] });

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
/** How long a node that begins waits for what the others know of it. A leader may have to commit an entry first. */
const ANSWER_MS = 500;

/** How a node comes into its cluster and goes out of it: what it asks of the others, and of the leader. */
export class ClusterDoor {
  readonly #options: ClusterDoorOptions;
  readonly #calls: LeaderCalls;

  constructor(options: ClusterDoorOptions) {
    const { ports, service } = options;
    this.#options = options;
    this.#calls = new LeaderCalls({ service, channels: ports.channels, clock: ports.clock });
  }

  /** Nothing is asked any more: what is under way ends with `Cancelled`. */
  close(): void {
    this.#calls.close();
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

  async configure(limits: Partial<GroupLimits>, addresses: readonly string[]): Promise<void> {
    const proposal = encodeProposal({ kind: 'configure', onlyFirst: false, limits });
    await this.#calls.call(GROUP_METHOD.configure, proposal, { addresses, timeoutMs: DEFAULT_TIMEOUT_MS });
  }

  /** Asks all others whether this node may begin with its empty disk. @returns The answers that came in time. */
  async askToBegin(
    question: AdmissionQuestion,
    others: readonly MemberAddress[],
  ): Promise<readonly AnswerOf[]> {
    const answers = await Promise.all(others.map((other) => this.#askOne(question, other)));
    return answers.filter((answer) => answer !== undefined);
  }

  async #askOne(question: AdmissionQuestion, { address, id }: MemberAddress): Promise<AnswerOf | undefined> {
    const { logger } = this.#options.ports;
    const payload = encodeQuestion(question);
    try {
      const answer = await this.#calls.callOne(address, GROUP_METHOD.memberDisk, payload, ANSWER_MS);
      return { from: nodeId(id), answer: decodeAdmissionAnswer(answer) };
    } catch (thrown) {
      const { code } = thrown as Partial<DecoraftError>;
      logger.log('debug', 'a peer could not be asked', { address, code, reason: messageOf(thrown) });
      return undefined;
    }
  }
}

function textBytes(text: string): Uint8Array {
  return new ByteWriter().text(text).finish();
}
