import type { Raft } from '@decoraft/raft';
import type { Members } from './members.js';
import type { QuietBeats, QuietGroup, QuietOffer } from './quiet-beats.js';
import type { QuietEntry } from './quiet-wire.js';

/** What a group that may rest is asked about itself. */
export interface RestingNode {
  readonly id: string;
  readonly cluster: number;
  readonly disk: number;
  readonly members: Members;
}

export interface QuiescenceOptions {
  readonly service: number;
  /** Where the others reach this server, until an applied entry says it. */
  readonly address: string;
  readonly node: RestingNode;
  readonly raft: Raft;
  readonly beats: QuietBeats;
  /** Something for the core. */
  readonly input: (act: () => void) => void;
}

/** One group's part in {@link QuietBeats}: when its leader rests, and when it agrees to rest with its leader. */
export class Quiescence implements QuietGroup {
  readonly service: number;
  readonly #options: QuiescenceOptions;
  #leave: (() => void) | undefined;

  constructor(options: QuiescenceOptions) {
    this.#options = options;
    this.service = options.service;
  }

  start(): void {
    this.#leave = this.#options.beats.join(this);
  }

  stop(): void {
    this.#leave?.();
  }

  /** To be called with every turn. */
  look(): void {
    this.#options.beats.look(this);
  }

  get isAtRest(): boolean {
    const { raft } = this.#options;
    return raft.isQuiet || raft.restingPoint !== undefined;
  }

  offers(): readonly QuietOffer[] | undefined {
    const { address, node, raft, service } = this.#options;
    const at = raft.restingPoint;
    if (!at) return undefined;
    const { cluster, disk, id, members } = node;
    const offers: QuietOffer[] = [];
    for (const { id: to } of raft.status().progress) {
      if (to === id) continue;
      const reached = members.addressOf(to);
      if (reached === undefined) return undefined;
      const entry = { service, cluster, disk, to, at };
      offers.push({ address: reached, reachedAt: members.addressOf(id) ?? address, entry });
    }
    return offers;
  }

  rest(): void {
    const { input, raft } = this.#options;
    const at = raft.restingPoint;
    if (at) input(() => void raft.quiesce(at));
  }

  /** As a message of that leader would be: from the same cluster, by a member, with its own disk. */
  agree({ at, cluster, disk, to }: QuietEntry): boolean {
    const { input, node, raft } = this.#options;
    const { members } = node;
    if (cluster !== node.cluster || to !== node.id) return false;
    if (members.isRetired(at.leader) || members.isOtherDisk(at.leader, disk)) return false;
    let isResting = false;
    input(() => (isResting = raft.quiesce(at)));
    return isResting;
  }

  wake(): void {
    const { input, raft } = this.#options;
    input(() => raft.wake());
  }
}
