import type { Entry, HardState } from './entry.js';
import type { Index, NodeId } from './ids.js';
import type { Message } from './message.js';

export type Role = 'follower' | 'pre-candidate' | 'candidate' | 'leader';

/** What is true now and need not survive a restart. */
export interface SoftState {
  readonly role: Role;
  /** `NOBODY` while unknown. */
  readonly leader: NodeId;
}

/** A read that may be served as soon as `index` has been applied. */
export interface ReadState {
  /** What the caller gave to `readIndex`. */
  readonly context: number;
  readonly index: Index;
}

/**
 * Everything that the core wants done after a batch of inputs. The order of duties:
 *
 * 1. `messages` may leave at once, in parallel with the write (thesis §10.2.1).
 * 2. `hardState` and `entries` go to the log store, in the order in which the readies were taken.
 * 3. Only when they are durable, and all readies before this one: call `advance(ready)` and send `responses`. That
 *    holds also for a ready that has nothing to write: its responses may speak for the writes before it.
 * 4. `committedEntries` are applied in order; then `applied(index)` is called. They are always durable here.
 *
 * Several readies may be out at once; they are advanced in the order in which they were taken.
 */
export interface Ready {
  /** Only where it changed. */
  readonly softState?: SoftState;
  /** Only where term or vote changed, or entries are written: a new commit index alone is worth no write. */
  readonly hardState?: HardState;
  readonly entries: readonly Entry[];
  readonly messages: readonly Message[];
  /** Answers to votes and appends, and requests for votes: they speak for what is written. */
  readonly responses: readonly Message[];
  readonly committedEntries: readonly Entry[];
  readonly readStates: readonly ReadState[];
}
