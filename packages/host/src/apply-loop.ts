import { createDeferred, type Deferred, unreachable } from '@decoraft/base';
import type { Configuration, Entry, LogStore, Raft, SnapshotMetadata } from '@decoraft/raft';
import type { Effect, News } from '@decoraft/state-machine';
import type { GroupState } from './group-state.js';
import type { GiveWay } from './group-view.js';
import type { Proposals } from './proposals.js';
import type { Reads } from './reads.js';

export interface ApplyLoopOptions {
  readonly raft: Raft;
  readonly log: LogStore;
  readonly group: GroupState;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly giveWay: GiveWay;
  /** What those who deliver events have to know, once for entries that were applied together. */
  readonly announce: (news: readonly News[]) => void;
  /** Another configuration is in effect. */
  readonly onConfiguration: (configuration: Configuration) => void;
  /** What an entry has every server do, when it was applied and nothing behind it. */
  readonly onEffects: (effects: readonly Effect[]) => void;
  /** Entries were applied, of so many bytes. */
  readonly onApplied: (bytes: number) => void;
  /** Called before a snapshot from another server is restored: nobody may read the state then. */
  readonly beforeRestore: () => Promise<void>;
  readonly onFatal: (error: unknown) => void;
}

type Work =
  | { readonly kind: 'entries'; readonly entries: readonly Entry[] }
  | { readonly kind: 'snapshot'; readonly metadata: SnapshotMetadata };

/**
 * Committed entries become state, each once and in order, whatever role this server has or had; whoever waits for one
 * is answered from here, and from nowhere else. Entries are applied at once, unless the state is being restored, or
 * has to be written out first for somebody who reads it as it was: then they wait, and the event loop does not.
 */
export class ApplyLoop {
  readonly #options: ApplyLoopOptions;
  readonly #queue: Work[] = [];
  #isBusy = false;
  #isStopped = false;
  #restoring: Deferred<void> | undefined;

  constructor(options: ApplyLoopOptions) {
    this.#options = options;
  }

  apply(entries: readonly Entry[]): void {
    if (entries.length > 0) this.#add({ kind: 'entries', entries });
  }

  /** The state of another server, which the log has installed, takes the place of this one's (§7). */
  restore(metadata: SnapshotMetadata): void {
    this.#add({ kind: 'snapshot', metadata });
  }

  /** While the state is being restored it is nobody's, and cannot be asked; `undefined` when it can be. */
  whenRestored(): Promise<void> | undefined {
    return this.#restoring && this.#untilRestored();
  }

  async #untilRestored(): Promise<void> {
    while (this.#restoring) await this.#restoring.promise;
  }

  /** Nothing is applied from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#queue.length = 0;
  }

  #add(work: Work): void {
    this.#queue.push(work);
    this.#proceed();
  }

  #proceed(): void {
    while (!this.#isBusy && !this.#isStopped) {
      const work = this.#queue.shift();
      if (!work) return;
      const later = this.#perform(work);
      if (later) void this.#proceedAfter(later);
    }
  }

  async #proceedAfter(later: Promise<void>): Promise<void> {
    this.#isBusy = true;
    try {
      await later;
      this.#isBusy = false;
      this.#proceed();
    } catch (error) {
      this.#options.onFatal(error);
    }
  }

  #perform(work: Work): Promise<void> | undefined {
    const { giveWay, group } = this.#options;
    switch (work.kind) {
      case 'entries':
        if (group.hasOpenViews) return group.settleViews(giveWay).then(() => this.#apply(work.entries));
        this.#apply(work.entries);
        return undefined;
      case 'snapshot':
        return this.#restore(work.metadata);
      default:
        return unreachable(work);
    }
  }

  #apply(entries: readonly Entry[]): void {
    const { announce, group, onApplied, onConfiguration, onEffects, proposals, raft, reads } = this.#options;
    const news: News[] = [];
    let count = 0;
    let bytes = 0;
    for (const entry of entries) {
      if (this.#isStopped) return;
      const applied = group.apply(entry);
      count += 1;
      bytes += entry.data.length;
      proposals.settle(entry.index, entry.term, applied);
      if (applied.news) news.push(...applied.news);
      if (applied.effects) onEffects(applied.effects);
      // Somebody reads the state as it is now: what follows waits until that is written out.
      if (applied.effects && group.hasOpenViews) break;
    }
    const last = entries[count - 1];
    if (!last || this.#isStopped) return;
    if (count < entries.length) this.#queue.unshift({ kind: 'entries', entries: entries.slice(count) });
    // Configuration entries take effect in the core when it hears that they were applied.
    raft.applied(last.index);
    const hasConfiguration = entries.slice(0, count).some(({ kind }) => kind === 'configuration');
    if (hasConfiguration) onConfiguration(group.configuration);
    reads.advance(last.index);
    if (news.length > 0) announce(news);
    onApplied(bytes);
  }

  async #restore({ index }: SnapshotMetadata): Promise<void> {
    const { beforeRestore, group, log, onApplied, onConfiguration, proposals, raft, reads } = this.#options;
    this.#restoring = createDeferred();
    try {
      await beforeRestore();
      const stored = await log.readSnapshot();
      try {
        // A newer one was installed meanwhile: it comes next.
        if (stored?.index !== index || this.#isStopped) return;
        await group.restore(stored);
      } finally {
        await stored?.close();
      }
      if (this.#isStopped) return;
      raft.applied(index);
      proposals.coveredBySnapshot(index);
      reads.advance(index);
      onConfiguration(group.configuration);
      onApplied(0);
    } finally {
      const restored = this.#restoring;
      this.#restoring = undefined;
      restored.resolve();
    }
  }
}
