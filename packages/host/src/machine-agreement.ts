import { ByteReader, ByteWriter, messageOf } from '@decoraft/base';
import { type AgreedMachine, DecoraftError, GROUP_METHOD, type MachineId } from '@decoraft/protocol';
import { methodId } from '@decoraft/rpc';
import {
  decodeOffers,
  encodeOffers,
  hashOfTable,
  type MachineOffers,
  type OwnOffer,
  ownOffers,
} from './machine-offers.js';
import { idsOf } from './members.js';
import { type AgreedVersion, isOutstanding, nextVersions, type WaitingMachine } from './next-versions.js';
import type { HostPorts, HostSettings } from './ports.js';
import type { RaftNode } from './raft-node.js';

const ASK = methodId(GROUP_METHOD.machines);
/** Between two rounds in which members are asked; it doubles while nothing comes of it. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 4_000;

export interface MachineAgreementOptions {
  readonly service: number;
  readonly settings: HostSettings;
  readonly ports: HostPorts;
}

/**
 * Has a group agree on the versions and tables of its machines (see `AgreeMachinesProposal`). The first leader of a group
 * proposes its own, before anything else; later, a leader with another build than the group has agreed on asks the members
 * what they can run, and proposes what all of them can. A member that cannot be asked delays it: it may be one that could
 * not go on.
 */
export class MachineAgreement {
  readonly #options: MachineAgreementOptions;
  /** Versions whose migration has failed, by machine and version: it would fail again. */
  readonly #failed = new Set<string>();
  #waiting: readonly WaitingMachine[] = [];
  #isBusy = false;
  #nextMs = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #told = '';

  constructor(options: MachineAgreementOptions) {
    this.#options = options;
  }

  /** What members cannot run yet, as this server has last heard when it led. */
  get waiting(): readonly WaitingMachine[] {
    return this.#waiting;
  }

  /** To be called at once when this server has become the leader: nothing that it is asked for comes before. */
  began(node: RaftNode): void {
    this.#soon();
    this.#waiting = [];
    if (isFresh(node)) this.#propose(node, true, newestOf(ownOffers(node.replica)));
  }

  /** To be called on a leader now and then. */
  maintain(node: RaftNode): void {
    const nowMs = this.#options.ports.clock.monotonicMs();
    if (this.#isBusy || nowMs < this.#nextMs) return;
    this.#nextMs = nowMs + this.#pauseMs;
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PAUSE_MS);
    const own = ownOffers(node.replica);
    if (isFresh(node)) return this.#propose(node, true, newestOf(own));
    if (isOutstanding(own, agreedIn(node), this.#hasFailed)) void this.#ask(node, own);
    else this.#waiting = [];
  }

  /** To be called when members may have come back with another build. */
  membersChanged(): void {
    this.#soon();
  }

  #soon(): void {
    this.#nextMs = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
  }

  readonly #hasFailed = ({ machine, version }: OwnOffer): boolean =>
    this.#failed.has(`${machine}/${version}`);

  async #ask(node: RaftNode, own: readonly OwnOffer[]): Promise<void> {
    this.#isBusy = true;
    const ids = idsOf(node.status().configuration).filter((id) => id !== node.id);
    const answers = await Promise.all(ids.map((id) => this.#askOne(node, id)));
    this.#isBusy = false;
    if (!node.isLeader) return;
    const others = new Map(ids.map((id, at) => [id, answers[at]]));
    const { machines, waiting } = nextVersions(own, agreedIn(node), others, this.#hasFailed);
    this.#waiting = waiting;
    this.#tell(waiting);
    if (machines.length > 0) this.#propose(node, false, machines);
  }

  async #askOne(node: RaftNode, id: string): Promise<MachineOffers | undefined> {
    const { ports, service, settings } = this.#options;
    const address = node.members.addressOf(id);
    if (address === undefined) return undefined;
    try {
      const channel = await ports.channels.channel(address);
      const timeoutMs = 2 * settings.electionTicks * settings.tickMs;
      const offers = decodeOffers(await channel.call(service, ASK, encodeQuestion(node), { timeoutMs }));
      return offers.id === id ? offers : undefined;
    } catch (thrown) {
      ports.logger.log('debug', 'a member did not say which machines it can run', {
        member: id,
        reason: messageOf(thrown),
      });
      return undefined;
    }
  }

  /** When it fails, its reason comes again. */
  #propose(node: RaftNode, onlyFirst: boolean, machines: readonly AgreedMachine[]): void {
    if (this.#isBusy || machines.length === 0) return;
    this.#isBusy = true;
    node
      .proposeOwn({ kind: 'agree-machines', onlyFirst, machines })
      .then(({ effects = [] }) => {
        for (const effect of effects) {
          if (effect.kind !== 'migration-failed') continue;
          const failed = machines.find(({ name }) => name === effect.machine);
          if (failed) this.#failed.add(`${failed.machine}/${failed.version}`);
        }
        this.#soon();
        return undefined;
      })
      .catch((thrown: unknown) => {
        this.#options.ports.logger.log('debug', 'the machines were not agreed on', {
          reason: messageOf(thrown),
        });
      })
      .finally(() => (this.#isBusy = false));
  }

  /** Once for as long as it stays the same. */
  #tell(waiting: readonly WaitingMachine[]): void {
    const words = waiting.map(describeWaiting).join('; ');
    if (words !== '' && words !== this.#told) this.#options.ports.logger.log('info', words);
    this.#told = words;
  }
}

export function describeWaiting({ machine, members, version }: WaitingMachine): string {
  return `machine ${machine} waits with version ${version} of this build: ${members.join(', ')} cannot run it, or cannot be asked`;
}

/** What a server answers who asks which machines it can run. @throws DecoraftError `ClusterMismatch` */
export function answerOffers(node: RaftNode, payload: Uint8Array): Uint8Array {
  const cluster = new ByteReader(payload).u32();
  if (cluster !== node.cluster) {
    throw new DecoraftError('ClusterMismatch', 'a server of another cluster is told nothing');
  }
  return encodeOffers({ id: node.id, offers: ownOffers(node.replica) });
}

const encodeQuestion = ({ cluster }: RaftNode): Uint8Array => new ByteWriter(4).u32(cluster).finish();

/** Whether the group has heard of nothing yet, as far as this server knows; what is only on its way comes before. */
function isFresh({ replica }: RaftNode): boolean {
  return replica.time === 0 && replica.machines.agreement.isEmpty;
}

function newestOf(own: readonly OwnOffer[]): readonly AgreedMachine[] {
  return [...new Map(own.map(({ agreed }) => [agreed.machine, agreed])).values()];
}

function agreedIn({ replica }: RaftNode): (machine: MachineId) => AgreedVersion | undefined {
  return (machine) => {
    const agreed = replica.machines.agreement.of(machine)?.agreed;
    return agreed && { version: agreed.version, table: hashOfTable(agreed.table) };
  };
}
