import { index, type LogReader } from '@decoraft/raft';
import { FactBroken } from './fact-broken.js';

/** Where a command stands in the log, as its answer says. */
export interface AcknowledgedWrite {
  readonly client: string;
  /** Its own name, for the report and to tell two apart. */
  readonly id: string;
  readonly index: number;
  readonly term: number;
}

/** A node's log, as far as it is committed. */
export interface CommittedPart {
  readonly node: string;
  readonly commit: number;
  readonly log: Pick<LogReader, 'firstIndex' | 'term'>;
}

/** What was acknowledged stands in the log where the answer said, for ever: on every node that has committed that far. */
export class AcknowledgedWrites {
  readonly #writes = new Map<number, AcknowledgedWrite>();

  /** A client got its answer. Retries of one command get one place, and two commands never share one. */
  acknowledged(write: AcknowledgedWrite): void {
    const known = this.#writes.get(write.index);
    this.#writes.set(write.index, known ?? write);
    if (!known || (known.id === write.id && known.term === write.term)) return;
    throw new FactBroken({
      fact: 'acknowledged-writes',
      finding:
        `entry ${write.index} was given to ${known.client} as ${known.id} in term ${known.term}, ` +
        `and to ${write.client} as ${write.id} in term ${write.term}`,
      nodes: [known.client, write.client],
      indexes: [write.index],
    });
  }

  /**
   * Looks at all writes on one node. What it has not committed yet may still come, unless it is `settled`: all nodes are
   * up and have come to rest. Below its snapshot nothing is known.
   */
  mustBeOn({ commit, log, node }: CommittedPart, settled: boolean): void {
    const first = log.firstIndex();
    for (const write of this.#writes.values()) {
      if (write.index < first) continue;
      if (write.index > commit && !settled) continue;
      const term = write.index > commit ? undefined : log.term(index(write.index));
      if (term === write.term) continue;
      const found =
        term === undefined ? `${node} has committed ${commit} entries` : `${node} has one of term ${term}`;
      throw new FactBroken({
        fact: 'acknowledged-writes',
        finding: `${write.id} of ${write.client} was acknowledged as entry ${write.index} of term ${write.term}; ${found}`,
        nodes: [node, write.client],
        indexes: [write.index],
      });
    }
  }
}
