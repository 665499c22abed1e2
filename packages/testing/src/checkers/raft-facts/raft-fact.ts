import type { Message } from '@decoraft/raft';
import type { CommittedLog } from './committed-log.js';
import type { LogChange, LogRecord } from './log-record.js';
import type { NodeObservation } from './observation.js';

/** What a fact sees of one step of one node. */
export interface NodeStep {
  readonly node: NodeObservation;
  /** The same node at its last step, in this life or the one before. */
  readonly before: NodeObservation | undefined;
  /** The node's process was started since `before`. */
  readonly restarted: boolean;
  /** The node's log now. */
  readonly log: LogRecord;
  readonly change: LogChange;
  /** Of the whole cluster, this step included, as far as `committedEntries` was asked before. */
  readonly committed: CommittedLog;
}

/** A fact that must hold at every moment; each method throws `FactBroken` when it does not. */
export interface RaftFact {
  /** A node made a step. Looks at what is new only: there are millions of steps. */
  stepped?(step: NodeStep): void;
  /** A node hands this to its network. */
  sent?(from: string, message: Message): void;
}
