import type { Message } from '@decoraft/raft';
import type { CommittedLog } from './committed-log.js';
import type { LogChange, LogRecord } from './log-record.js';
import type { NodeObservation } from './observation.js';

/** One step of one node. */
export interface NodeStep {
  readonly node: NodeObservation;
  /** The same node when it was looked at before, in this life or the one before. */
  readonly before: NodeObservation | undefined;
  /** The node's process was started since `before`. */
  readonly restarted: boolean;
}

/** A step after which the store has everything that the core has; `before` is the last one of those. */
export interface LogStep extends NodeStep {
  /** The node's log now. */
  readonly log: LogRecord;
  readonly change: LogChange;
  /** Of the whole cluster. `committedEntries` adds to it what this step committed. */
  readonly committed: CommittedLog;
}

/**
 * A fact that must hold at every moment; each method throws `FactBroken` when it does not, and looks at what is new only:
 * there are millions of steps.
 */
export interface RaftFact {
  /** A node made a step. */
  stepped?(step: NodeStep): void;
  /** A node made a step, and its store shows its log. */
  logged?(step: LogStep): void;
  /** A node hands this to its network. */
  sent?(from: string, message: Message): void;
}
