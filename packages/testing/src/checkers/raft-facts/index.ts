import type { Message } from '@decoraft/raft';
import { acknowledgedStays } from './acknowledged-stays.js';
import { appliedIndex } from './applied-index.js';
import { commitIndex } from './commit-index.js';
import { CommittedLog } from './committed-log.js';
import { committedEntries } from './committed-entries.js';
import { leaderAppendsOnly } from './leader-appends-only.js';
import { leaderCommitsOwnTerm } from './leader-commits-own-term.js';
import { leaderCompleteness } from './leader-completeness.js';
import { LogRecord } from './log-record.js';
import { logMatching } from './log-matching.js';
import type { NodeObservation } from './observation.js';
import { oneConfigurationChange } from './one-configuration-change.js';
import { oneLeaderATerm } from './one-leader-a-term.js';
import { oneVoteATerm } from './one-vote-a-term.js';
import type { RaftFact } from './raft-fact.js';
import { termNeverDecreases } from './term-never-decreases.js';

interface KnownNode {
  readonly log: LogRecord;
  before: NodeObservation | undefined;
  /** When the store was last looked at. */
  loggedBefore: NodeObservation | undefined;
}

/**
 * Everything that Raft promises about states and steps, looked at after every step of a run: one for the whole cluster,
 * over all lives of its nodes. What it remembers grows with the log; what it looks at, only with what is new.
 */
export class RaftFacts {
  readonly #committed = new CommittedLog();
  readonly #nodes = new Map<string, KnownNode>();
  readonly #facts: readonly RaftFact[] = [
    termNeverDecreases(),
    oneVoteATerm(),
    oneLeaderATerm(),
    commitIndex(),
    appliedIndex(),
    leaderAppendsOnly(),
    leaderCommitsOwnTerm(),
    logMatching(),
    // The facts behind it ask what is committed.
    committedEntries(),
    leaderCompleteness(),
    oneConfigurationChange(),
    acknowledgedStays(),
  ];

  /** The highest index that any node was seen to have committed. */
  get committedIndex(): number {
    return this.#committed.last;
  }

  /** To be called after everything that happened to a running node. Throws `FactBroken`. */
  stepped(node: NodeObservation): void {
    this.#look(node, false);
  }

  /** To be called with every message of Raft that a node sends, when it sends it. Throws `FactBroken`. */
  sent(from: string, message: Message): void {
    for (const fact of this.#facts) fact.sent?.(from, message);
  }

  /** Looks at all of every log again: now and then, and at the end. Finds what changed behind Raft's back. */
  audit(nodes: readonly NodeObservation[]): void {
    for (const node of nodes) this.#look(node, true);
  }

  #look(node: NodeObservation, everything: boolean): void {
    const known = this.#nodes.get(node.id) ?? {
      log: new LogRecord(),
      before: undefined,
      loggedBefore: undefined,
    };
    this.#nodes.set(node.id, known);
    const { before, log, loggedBefore } = known;
    for (const fact of this.#facts) fact.stepped?.({ node, before, restarted: isRestart(before, node) });
    known.before = node;
    if (node.hasReady) return;
    const restarted = isRestart(loggedBefore, node);
    const change = restarted || everything ? log.reread(node.log) : log.update(node.log);
    const committed = this.#committed;
    for (const fact of this.#facts) {
      fact.logged?.({ node, before: loggedBefore, restarted, log, change, committed });
    }
    known.loggedBefore = node;
  }
}

function isRestart(before: NodeObservation | undefined, node: NodeObservation): boolean {
  return before !== undefined && before.life !== node.life;
}
