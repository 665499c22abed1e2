/** More than any cluster has servers that its configuration does not name yet. */
const MOST_HEARD = 32;

/**
 * Where servers are reached of which no applied entry says it: what this one was told when it started, and what they
 * said themselves in their messages. A follower that lags behind a change of the members needs it: a leader that
 * joined later than its last applied entry sends it the very entries that name this leader, and gets no further
 * without the answers. Never replicated, never a reason to listen to anybody: a hint only says where an answer goes.
 */
export class AddressHints {
  readonly #told: ReadonlyMap<string, string>;
  /** By id, those that were heard of last behind the others. At most {@link MOST_HEARD}. */
  readonly #heard = new Map<string, string>();

  constructor(told: ReadonlyMap<string, string>) {
    this.#told = told;
  }

  /** A server said where it is reached. Beyond the limit, the one that was silent for longest is forgotten. */
  heard(id: string, address: string): void {
    this.#heard.delete(id);
    this.#heard.set(id, address);
    if (this.#heard.size <= MOST_HEARD) return;
    for (const [oldest] of this.#heard) return void this.#heard.delete(oldest);
  }

  /** Its own word is younger than what anybody was told. */
  get(id: string): string | undefined {
    return this.#heard.get(id) ?? this.#told.get(id);
  }
}
