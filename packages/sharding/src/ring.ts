import { compareText, stableHash } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { type Contestant, contestantOf, costOf, draw } from './score.js';

/** One that owns keys, and its share: in proportion to the weights of all. A weight of 0 owns nothing. */
export interface RingMember {
  readonly id: string;
  readonly weight: number;
}

const SLOT_BITS = 18;

/** Into so many slots the hashes of all keys are cut; all keys of a slot have one owner. For ever the same. */
export const SLOT_COUNT = 2 ** SLOT_BITS;

/** The slot of a key. @throws DecoraftError `InvalidArgument` for what is no string. */
export function slotOf(key: string): number {
  if (typeof key !== 'string') throw invalid(`a key is a string, not ${typeof key}`);
  return stableHash(key) >>> (32 - SLOT_BITS);
}

const MEMBERS_LIMIT = 10_000;
/** An owner that nobody has asked for yet; what is not in the list of members. */
const UNKNOWN = 0xffff;

/**
 * Who owns which key: a pure function of the members and their weights, in whatever order they are given. The slots of
 * the hash space stand in a circle, as on any consistent-hash ring, but a slot's owner is drawn and not the next point
 * on the circle: every member draws for every slot, weighted, and the best draw wins (weighted rendezvous hashing). So
 *
 * - when a member leaves, its own keys move and no others, each to the second best; when one comes, keys move to it alone;
 * - a member owns its part of all weights, without points to be placed: what is left is the chance of 262,144 draws,
 *   less than 5 % of the share of any member that has at least 1/40 of the weight, in all but one ring of ten thousand.
 *
 * Never changed. A slot is drawn when it is first asked for, and then known.
 */
export class HashRing {
  /** Sorted by id; those of weight 0 among them. */
  readonly members: readonly RingMember[];
  readonly #contestants: readonly Contestant[];
  readonly #isUnweighted: boolean;
  #owners: Uint16Array | undefined;

  /**
   * @param members Ids, each of weight 1, or members with weights: 0, or 0.001 to 1,000,000. Only their ratios count.
   * @throws DecoraftError `InvalidArgument` that names what is no id or no weight, or comes twice, and beyond 10,000.
   */
  constructor(members: Iterable<string | RingMember>) {
    const all = [...members].map(readMember).toSorted((left, right) => compareText(left.id, right.id));
    if (all.length > MEMBERS_LIMIT) throw invalid(`${all.length} members are more than ${MEMBERS_LIMIT}`);
    for (const [at, { id }] of all.entries()) {
      if (all[at + 1]?.id === id) throw invalid(`member ${id} comes twice`);
    }
    this.members = all;
    this.#contestants = all
      .filter(({ weight }) => weight > 0)
      .map(({ id, weight }) => contestantOf(id, weight));
    const [first] = this.#contestants;
    this.#isUnweighted = this.#contestants.every(({ weight }) => weight === first?.weight);
  }

  /** Who owns a key; `undefined` when nobody weighs anything. */
  ownerOf(key: string): string | undefined {
    return this.ownerOfSlot(slotOf(key));
  }

  /**
   * Who should hold copies of a key, the owner first: each is the one that would own it without those before it.
   *
   * @param count How many at most; fewer where fewer weigh anything.
   */
  ownersOf(key: string, count: number): readonly string[] {
    if (!Number.isInteger(count) || count < 0) throw invalid(`a count of owners is not ${count}`);
    const slot = slotOf(key);
    const costs = this.#contestants.map((contestant, at) => ({ at, cost: this.#cost(slot, contestant) }));
    costs.sort((left, right) => left.cost - right.cost || left.at - right.at);
    return costs.slice(0, count).map(({ at }) => this.#idAt(at));
  }

  /** Who owns the keys of a slot, 0 to {@link SLOT_COUNT} - 1. */
  ownerOfSlot(slot: number): string | undefined {
    if (this.#contestants.length === 0) return undefined;
    if (!(slot >= 0 && slot < SLOT_COUNT && Number.isInteger(slot)))
      throw invalid(`there is no slot ${slot}`);
    this.#owners ??= new Uint16Array(SLOT_COUNT).fill(UNKNOWN);
    const known = this.#owners[slot] ?? UNKNOWN;
    if (known !== UNKNOWN) return this.#idAt(known);
    const winner = this.#winner(slot);
    this.#owners[slot] = winner;
    return this.#idAt(winner);
  }

  /** What part of all weights a member has, 0 to 1: what it owns, but for chance. */
  shareOf(id: string): number {
    const total = this.members.reduce((sum, { weight }) => sum + weight, 0);
    return total === 0 ? 0 : (this.members.find((member) => member.id === id)?.weight ?? 0) / total;
  }

  #winner(slot: number): number {
    let winner = 0;
    let best = Infinity;
    let at = 0;
    for (const contestant of this.#contestants) {
      const cost = this.#cost(slot, contestant);
      // The first of those that draw alike: they are sorted.
      if (cost < best) {
        winner = at;
        best = cost;
      }
      at += 1;
    }
    return winner;
  }

  /** Among equal weights the draws themselves can be compared. */
  #cost(slot: number, contestant: Contestant): number {
    const drawn = draw(slot, contestant);
    return this.#isUnweighted ? -drawn : costOf(drawn, contestant.weight);
  }

  #idAt(at: number): string {
    return this.#contestants[at]?.id ?? '';
  }
}

function readMember(given: string | RingMember): RingMember {
  if (typeof given === 'string') return { id: checkId(given), weight: 1 };
  const { id, weight } = given;
  return { id: checkId(id), weight: checkWeight(weight, id) };
}

function checkId(id: unknown): string {
  if (typeof id === 'string' && id !== '') return id;
  throw invalid(`the id of a member is not ${JSON.stringify(id)}`);
}

/** @throws DecoraftError `InvalidArgument` that names the member. */
export function checkWeight(weight: unknown, id: string): number {
  if (weight === 0 || (typeof weight === 'number' && weight >= MIN_WEIGHT && weight <= MAX_WEIGHT))
    return weight;
  const range = `0, or a number from ${MIN_WEIGHT} to ${MAX_WEIGHT}`;
  throw invalid(`the weight of ${id} is ${range}, not ${String(weight)}`);
}

const MIN_WEIGHT = 0.001;
const MAX_WEIGHT = 1_000_000;

const invalid = (words: string): DecoraftError => new DecoraftError('InvalidArgument', `ring: ${words}`);
