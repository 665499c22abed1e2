import type { SessionId } from '@decoraft/protocol';
import type { Configuration, Entry, Raft, Snapshot } from '@decoraft/raft';
import type { GroupState } from './group-state.js';
import type { Proposals } from './proposals.js';
import type { Reads } from './reads.js';

export interface ApplyLoopOptions {
  readonly raft: Raft;
  readonly group: GroupState;
  readonly proposals: Proposals;
  readonly reads: Reads;
  /** Sessions that have events behind those that they were sent. */
  readonly wake: (sessions: ReadonlySet<SessionId>) => void;
  /** Another configuration is in effect. */
  readonly onConfiguration: (configuration: Configuration) => void;
}

/**
 * Committed entries become state, each once and in order, whatever role this server has or had; whoever waits for one
 * is answered from here, and from nowhere else.
 */
export class ApplyLoop {
  readonly #options: ApplyLoopOptions;

  constructor(options: ApplyLoopOptions) {
    this.#options = options;
  }

  apply(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (!last) return;
    const { group, onConfiguration, proposals, raft, reads, wake } = this.#options;
    const sessions = new Set<SessionId>();
    for (const entry of entries) {
      const applied = group.apply(entry);
      proposals.settle(entry.index, entry.term, applied);
      for (const session of applied.sessionsWithEvents) sessions.add(session);
    }
    // Configuration entries take effect in the core when it hears that they were applied.
    raft.applied(last.index);
    if (entries.some(({ kind }) => kind === 'configuration')) onConfiguration(group.configuration);
    reads.advance(last.index);
    wake(sessions);
  }

  /** The state of another server takes the place of this one's (§7). */
  restore(snapshot: Snapshot): void {
    const { group, onConfiguration, proposals, raft, reads } = this.#options;
    group.restore(snapshot);
    raft.applied(snapshot.index);
    proposals.coveredBySnapshot(snapshot.index);
    reads.advance(snapshot.index);
    onConfiguration(snapshot.configuration);
  }
}
