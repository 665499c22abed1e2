import type { QuietEntry } from './quiet-wire.js';

/** An entry of a list, since when it is there, and whether the recipient agrees. */
interface Listed {
  readonly entry: QuietEntry;
  /** The version of the list with which it came. */
  readonly since: number;
  isAgreed: boolean;
}

/** What one answer changed. */
export interface Agreement {
  /** Services of groups to which the recipient agrees now. */
  readonly agreed: readonly number[];
  /** To which it does not. */
  readonly refused: readonly number[];
}

/** The groups of this server that rest, or want to, as one other server is told: the sender's half. */
export class QuietList {
  readonly #entries = new Map<number, Listed>();
  #version = 0;
  /** The version that the recipient has. */
  #acknowledged = 0;
  /** The tick of the latest answer, or of the first question. */
  heardAt: number;
  /** Where this server is reached, as the recipient is told. */
  reachedAt: string;

  constructor(heardAt: number, reachedAt: string) {
    this.heardAt = heardAt;
    this.reachedAt = reachedAt;
  }

  get version(): number {
    return this.#version;
  }

  get services(): readonly number[] {
    return [...this.#entries.keys()];
  }

  /** Whether there is nothing to say any more. */
  get isOver(): boolean {
    return this.#entries.size === 0 && this.#acknowledged === this.#version;
  }

  /** The list, where the recipient does not have it. */
  get news(): readonly QuietEntry[] | undefined {
    if (this.#acknowledged === this.#version) return undefined;
    return Array.from(this.#entries.values(), ({ entry }) => entry);
  }

  /** @param version Above all that this server has used. */
  add(entry: QuietEntry, version: number): void {
    this.#version = version;
    this.#entries.set(entry.service, { entry, since: version, isAgreed: false });
  }

  remove(service: number, version: number): void {
    if (this.#entries.delete(service)) this.#version = version;
  }

  isAgreed(service: number): boolean {
    return this.#entries.get(service)?.isAgreed === true;
  }

  /** What was added after the version of the answer, it says nothing of. */
  answered(version: number, refused: ReadonlySet<number>): Agreement {
    if (version > this.#version) return { agreed: [], refused: [] };
    this.#acknowledged = version;
    const listed = [...this.#entries].filter(([, { since }]) => since <= version);
    const agreed = listed.filter(([service, { isAgreed }]) => !isAgreed && !refused.has(service));
    for (const [, entry] of agreed) entry.isAgreed = true;
    return {
      agreed: agreed.map(([service]) => service),
      refused: listed.map(([service]) => service).filter((service) => refused.has(service)),
    };
  }
}
