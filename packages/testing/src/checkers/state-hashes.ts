import { FactBroken } from './fact-broken.js';

interface KnownHash {
  readonly node: string;
  readonly hash: string | number;
}

/** Nodes are rarely farther apart than this; a run of millions of entries must fit into memory. */
const DEFAULT_KEPT = 100_000;

/** Machines that have applied the same entries are equal: two nodes at one applied index have one hash (C50). */
export class StateHashes {
  readonly #known = new Map<number, KnownHash>();
  readonly #kept: number;

  /** @param kept How many applied indexes are remembered; the oldest ones are forgotten first. */
  constructor(kept = DEFAULT_KEPT) {
    this.#kept = kept;
  }

  /** A node has applied everything up to `applied`, and nothing else. Also to be called after restoring a snapshot. */
  applied(node: string, applied: number, hash: string | number): void {
    const known = this.#known.get(applied);
    if (!known) {
      this.#known.set(applied, { node, hash });
      for (const oldest of this.#known.keys()) {
        if (this.#known.size <= this.#kept) break;
        this.#known.delete(oldest);
      }
      return;
    }
    if (known.hash === hash) return;
    throw new FactBroken({
      fact: 'state-hashes',
      finding:
        `at applied index ${applied}, ${known.node} has the state ${known.hash}, and ${node} has ${hash}: ` +
        'a command is not deterministic, or an entry was applied twice or not at all',
      nodes: [known.node, node],
      indexes: [applied],
    });
  }
}
