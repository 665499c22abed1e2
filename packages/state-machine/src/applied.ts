import type { ErrorCode, Outcome, SessionId, TimerId } from '@decoraft/protocol';
import type { News } from './news.js';
import type { Diverged } from './state-checks.js';

/** What one entry did: the same on every replica. The leader acts on it, the others keep it. */
export interface Applied {
  readonly index: number;
  readonly term: number;
  readonly outcome: Outcome;
  /** What those who deliver events have to know, in order; absent for most entries. */
  readonly news?: readonly News[];
  /** What else is to be done, in order; absent for most entries. */
  readonly effects?: readonly Effect[];
}

/** Instructions that an entry gives to whoever hosts the replica: the same on every replica that saw the same log. */
export type Effect =
  StateCheckDue | Diverged | TimerFailed | SessionEndFailed | MachineAgreed | MigrationFailed;

/**
 * The group is to compare its states at the entry: `Replica.takeCheck` has the view. Every server that is among
 * `nodes` hashes it and proposes what came out, as `state-hashes`.
 */
export interface StateCheckDue {
  readonly kind: 'state-check-due';
  readonly index: number;
  readonly nodes: readonly string[];
}

/** What a timer ran has failed, and nobody waits for its answer: the leader tells the operator. */
export interface TimerFailed {
  readonly kind: 'timer-failed';
  /** Of the entry at which it fired. */
  readonly index: number;
  /** The name under which the machine is registered. */
  readonly machine: string;
  readonly timer: TimerId;
  readonly code: ErrorCode;
  /** Names the command. */
  readonly message: string;
}

/** A machine's `sessionEnded()` has failed, and nobody waits for its answer: the leader tells the operator. */
export interface SessionEndFailed {
  readonly kind: 'session-end-failed';
  /** Of the entry that ended the session. */
  readonly index: number;
  /** The name under which the machine is registered. */
  readonly machine: string;
  readonly session: SessionId;
  readonly code: ErrorCode;
  readonly message: string;
}

/** The group has agreed on a table of a machine, and on a version, which may be the one that it had. */
export interface MachineAgreed {
  readonly kind: 'machine-agreed';
  readonly index: number;
  /** The name under which the machine is registered. */
  readonly machine: string;
  /** The version before; `undefined` for a machine that nobody has called yet. */
  readonly from: number | undefined;
  readonly to: number;
}

/** The state of a machine could not be taken over by the next version: the group stays with the one that it has. */
export interface MigrationFailed {
  readonly kind: 'migration-failed';
  readonly index: number;
  /** The name under which the machine is registered. */
  readonly machine: string;
  /** The version that the machine stays with. */
  readonly from: number;
  readonly to: number;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Where an entry stands in the log, and its data. */
export interface LogEntry {
  readonly index: number;
  readonly term: number;
  readonly data: Uint8Array;
}
