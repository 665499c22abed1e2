import { methodId, serviceId } from '@decoraft/rpc';
import type { BeatSender } from './beat-sender.js';
import { QuietList } from './quiet-list.js';
import { QuietNeighbour } from './quiet-neighbour.js';
import {
  BEATS_METHOD,
  encodeQuietAnswer,
  encodeQuietBeat,
  type QuietAnswer,
  type QuietBeat,
  type QuietEntry,
  SERVER_BEATS,
} from './quiet-wire.js';

const BEATS = serviceId(SERVER_BEATS);
const QUIET = methodId(BEATS_METHOD.quiet);
const QUIET_ANSWER = methodId(BEATS_METHOD.quietAnswer);
/** Servers that are listened to at once: beyond, somebody makes them up. */
const MAX_NEIGHBOURS = 1_024;

/** What one member is asked to agree to. */
export interface QuietOffer {
  /** Where the member is reached. */
  readonly address: string;
  /** Where it reaches this server. */
  readonly reachedAt: string;
  readonly entry: QuietEntry;
}

/** A group on this server, as far as it may rest. */
export interface QuietGroup {
  readonly service: number;
  /** Where its leader is here and has been idle for long enough, what the others are to agree to. */
  offers(): readonly QuietOffer[] | undefined;
  /** Whether it still is as it was when it offered, or agreed. */
  readonly isAtRest: boolean;
  /** All others have agreed. */
  rest(): void;
  /** Another server's leader wants to rest. @returns Whether this member rests from now on. */
  agree(entry: QuietEntry): boolean;
  /** Who should be there may be gone. */
  wake(): void;
}

export interface QuietBeatsOptions {
  readonly sender: BeatSender;
  /** Names this life of this server: a number of up to 53 bits that no other has. */
  readonly incarnation: number;
  readonly heartbeatTicks: number;
  readonly electionTicks: number;
}

/**
 * Sees to it that groups that have nothing to do cost nothing: their leaders' servers beat for all of them at once, to
 * each server that has members of them, and each answers. A beat has the version of the list of those groups, and the list
 * itself until the other server has it. Whoever does not hear for an election timeout wakes the groups in question; so
 * does whoever hears that they do not rest elsewhere. Then they are as any other group, and Raft does the rest.
 *
 * See `quiescence.ts` of the core for what rests, and why nothing but liveness depends on this.
 */
export class QuietBeats {
  readonly #options: QuietBeatsOptions;
  readonly #groups = new Map<number, QuietGroup>();
  /** What other servers are told, by their addresses. */
  readonly #lists = new Map<string, QuietList>();
  /** The groups that are on lists: where. */
  readonly #offered = new Map<number, readonly string[]>();
  /** What others have told, by the incarnations of their servers. */
  readonly #neighbours = new Map<number, QuietNeighbour>();
  #version = 0;
  #now = 0;

  constructor(options: QuietBeatsOptions) {
    this.#options = options;
  }

  /** @returns Ends it: the group rests no more, and the others are told. */
  join(group: QuietGroup): () => void {
    this.#groups.set(group.service, group);
    return () => {
      this.#groups.delete(group.service);
      this.#withdraw(group.service);
      this.#woke(group.service);
    };
  }

  /** To be called when something may have stirred the group. */
  look({ isAtRest, service }: QuietGroup): void {
    if (isAtRest) return;
    this.#withdraw(service);
    this.#woke(service);
  }

  /** So many ticks have passed; the last one has the number `at`. */
  tick(count: number, at: number): void {
    this.#now += count;
    if (at % this.#options.heartbeatTicks >= count) return;
    for (const group of this.#groups.values()) this.#maybeOffer(group);
    for (const [address, list] of this.#lists) this.#beat(address, list);
    for (const [incarnation, neighbour] of this.#neighbours) {
      if (this.#isSilent(neighbour)) this.#leave(incarnation, neighbour);
    }
  }

  /** The process stood still: what was heard last is older than it seems, or about to be heard. */
  paused(): void {
    for (const list of this.#lists.values()) list.heardAt = this.#now;
    for (const neighbour of this.#neighbours.values()) neighbour.heardAt = this.#now;
  }

  /** Another server beats. */
  heard(beat: QuietBeat): void {
    const neighbour = this.#neighbourOf(beat);
    if (neighbour) {
      neighbour.heardAt = this.#now;
      if (beat.entries) {
        const woken = neighbour.take(beat.version, beat.entries, (entry) => this.#agree(entry));
        for (const service of woken) this.#groups.get(service)?.wake();
      }
    }
    const { incarnation, reachedAt, to } = beat;
    const { refused = [], version = 0 } = neighbour ?? {};
    const answer = encodeQuietAnswer({ incarnation, to, version, refused });
    this.#options.sender.send(reachedAt, BEATS, QUIET_ANSWER, answer);
  }

  /** Another server answers. */
  answered({ incarnation, refused, to, version }: QuietAnswer): void {
    const list = this.#lists.get(to);
    if (incarnation !== this.#options.incarnation || !list) return;
    list.heardAt = this.#now;
    const changed = list.answered(version, new Set(refused));
    for (const service of changed.refused) this.#wake(service);
    for (const service of changed.agreed) this.#maybeRest(service);
    if (list.isOver) this.#lists.delete(to);
  }

  #maybeOffer(group: QuietGroup): void {
    const { service } = group;
    if (this.#offered.has(service)) return;
    const offers = group.offers();
    if (!offers) return;
    this.#offered.set(
      service,
      offers.map(({ address }) => address),
    );
    for (const { address, entry, reachedAt } of offers)
      this.#listFor(address, reachedAt).add(entry, ++this.#version);
    this.#maybeRest(service);
  }

  #listFor(address: string, reachedAt: string): QuietList {
    let list = this.#lists.get(address);
    if (!list) this.#lists.set(address, (list = new QuietList(this.#now, reachedAt)));
    list.reachedAt = reachedAt;
    return list;
  }

  #maybeRest(service: number): void {
    const addresses = this.#offered.get(service);
    if (addresses?.every((address) => this.#lists.get(address)?.isAgreed(service)))
      this.#groups.get(service)?.rest();
  }

  #beat(address: string, list: QuietList): void {
    if (this.#isSilent(list)) {
      for (const service of list.services) this.#wake(service);
      // There is nobody who could be told.
      this.#lists.delete(address);
      return;
    }
    const { news, reachedAt, version } = list;
    const head = { incarnation: this.#options.incarnation, reachedAt, to: address, version };
    const beat = encodeQuietBeat(news ? { ...head, entries: news } : head);
    this.#options.sender.send(address, BEATS, QUIET, beat);
  }

  #isSilent({ heardAt }: { readonly heardAt: number }): boolean {
    return this.#now - heardAt > this.#options.electionTicks;
  }

  #wake(service: number): void {
    this.#withdraw(service);
    this.#groups.get(service)?.wake();
  }

  /** The group is on no list any more; whoever rests with it hears that by the next beat. */
  #withdraw(service: number): void {
    const addresses = this.#offered.get(service);
    if (!addresses) return;
    this.#offered.delete(service);
    for (const address of addresses) this.#lists.get(address)?.remove(service, ++this.#version);
  }

  #woke(service: number): void {
    for (const neighbour of this.#neighbours.values()) neighbour.woke(service);
  }

  #agree(entry: QuietEntry): boolean {
    return this.#groups.get(entry.service)?.agree(entry) === true;
  }

  #neighbourOf(beat: QuietBeat): QuietNeighbour | undefined {
    const known = this.#neighbours.get(beat.incarnation);
    if (known || !beat.entries) return known;
    // A server that was started again beats in another name: what it said before is over.
    for (const [incarnation, neighbour] of this.#neighbours) {
      if (neighbour.reachedAt === beat.reachedAt) this.#leave(incarnation, neighbour);
    }
    if (this.#neighbours.size >= MAX_NEIGHBOURS) return undefined;
    const neighbour = new QuietNeighbour(beat, this.#now);
    this.#neighbours.set(beat.incarnation, neighbour);
    return neighbour;
  }

  #leave(incarnation: number, neighbour: QuietNeighbour): void {
    this.#neighbours.delete(incarnation);
    for (const service of neighbour.resting) this.#groups.get(service)?.wake();
  }
}
