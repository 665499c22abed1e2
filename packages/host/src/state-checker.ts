import { type Clock, createDeferred, type Deferred, type Logger, messageOf, pause } from '@decoraft/base';
import type { Proposal, StateHashesProposal } from '@decoraft/protocol';
import type { StateCheckDue } from '@decoraft/state-machine';
import type { GroupState } from './group-state.js';
import type { GiveWay, GroupView } from './group-view.js';
import { idsOf } from './members.js';

/** How often a server tries to tell its hashes: the leader may be changing. */
const ATTEMPTS = 4;

export interface StateCheckerOptions {
  readonly id: string;
  readonly group: GroupState;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly giveWay: GiveWay;
  /** Entries between two checks; 0 for none. */
  readonly everyEntries: number;
  /** Between two attempts to tell the hashes. */
  readonly retryMs: number;
  readonly isLeader: () => boolean;
  /** On the leader: resolves when the entry was applied here. */
  readonly propose: (proposal: Proposal) => Promise<unknown>;
  /** Has the leader propose it, which may be this node. */
  readonly tell: (proposal: StateHashesProposal) => Promise<unknown>;
}

/**
 * Has the servers compare their states through the log: the leader proposes an entry that asks for it, each server
 * proposes what its state was worth at that entry, and `Replica` compares what was told.
 */
export class StateChecker {
  readonly #options: StateCheckerOptions;
  /** The index of the last entry that asked, or of the state that this began with. */
  #last: number;
  /** The entries that answer it, one of each server: they are no reason to ask again. */
  #answers = 0;
  #isAsking = false;
  /** Whoever takes a snapshot waits for the view that is compared. */
  #wanted: Deferred<GroupView | undefined> | undefined;

  constructor(options: StateCheckerOptions) {
    this.#options = options;
    this.#last = options.group.appliedIndex;
  }

  /** To be called after entries were applied. */
  maybeAsk(): void {
    const { everyEntries, group, isLeader } = this.#options;
    if (everyEntries === 0 || this.#isAsking || !isLeader()) return;
    if (group.appliedIndex - this.#last >= everyEntries + this.#answers) void this.#ask();
  }

  /**
   * On the leader, has the states compared, and gives the view of its own at that entry. To be read to its end, or
   * closed: until then its hashes are not told. `undefined` where none is compared.
   */
  async viewToCompare(): Promise<GroupView | undefined> {
    const { everyEntries, isLeader } = this.#options;
    if (everyEntries === 0 || !isLeader() || this.#wanted) return undefined;
    const wanted = createDeferred<GroupView | undefined>();
    this.#wanted = wanted;
    await Promise.race([wanted.promise, this.#ask()]);
    // It was not applied, or gave no view.
    if (this.#wanted === wanted) this.#wanted = undefined;
    wanted.resolve(undefined);
    return wanted.promise;
  }

  /** An entry asks this server; to be called when it was applied and nothing behind it. */
  due({ index, nodes }: StateCheckDue): void {
    const { group, id } = this.#options;
    this.#last = index;
    this.#answers = nodes.length;
    const view = group.takeCheck(index);
    if (!view) return;
    if (!nodes.includes(id)) return view.close();
    const wanted = this.#wanted;
    this.#wanted = undefined;
    void this.#compare(view, wanted);
  }

  async #ask(): Promise<void> {
    const { group, logger, propose } = this.#options;
    this.#isAsking = true;
    try {
      await propose({ kind: 'state-check', nodes: idsOf(group.configuration) });
    } catch (thrown) {
      logger.log('debug', 'the states could not be compared', { reason: messageOf(thrown) });
    } finally {
      this.#isAsking = false;
    }
  }

  async #compare(view: GroupView, wanted: Deferred<GroupView | undefined> | undefined): Promise<void> {
    const { giveWay, id, logger } = this.#options;
    const { index } = view.metadata;
    try {
      wanted?.resolve(view);
      if (wanted) await view.closed;
      const hashes = await view.hashes(giveWay);
      await this.#tell({ kind: 'state-hashes', node: id, index, hashes });
    } catch (thrown) {
      logger.log('warn', 'this server could not tell its state', { index, reason: messageOf(thrown) });
    }
  }

  async #tell(proposal: StateHashesProposal): Promise<void> {
    const { clock, retryMs, tell } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        await tell(proposal);
        return;
      } catch (thrown) {
        if (attempt === ATTEMPTS) throw thrown;
      }
      await pause(clock, retryMs);
    }
  }
}
