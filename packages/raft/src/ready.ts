import type { Entry, HardState } from './entry.js';
import type { Index, NodeId } from './ids.js';
import type { SnapshotMetadata } from './log-store.js';
import type { Message, StorageMessage } from './message.js';

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
 * 2. `snapshot`, `entries` and `hardState` go to the log store in one batch, in the order in which the readies were
 *    taken. The snapshot's data is what the driver received beside the message.
 * 3. Only when they are durable, and all readies before this one: call `advance(ready)` and send `responses`. That
 *    holds also for a ready that has nothing to write: its responses may speak for the writes before it.
 * 4. `committedEntries` are applied in order; then `applied(index)` is called. They are always durable here.
 * 5. Where there was a `snapshot`: after `advance(ready)` the state machine is restored from it, then
 *    `applied(snapshot.index)` is called. Nothing behind it is handed out before that.
 *
 * Several readies may be out at once; they are advanced in the order in which they were taken.
 *
 * Where `asyncStorageWrites` is on, duties 2 to 5 come as `storage` messages for threads of the driver's own, and
 * their replies are stepped: no `advance`, no `applied`; the fields of those duties are empty then.
 */
export interface Ready {
  /** Only where it changed. */
  readonly softState?: SoftState;
  /** Only where term or vote changed, or entries are written: a new commit index alone is worth no write. */
  readonly hardState?: HardState;
  /** From the leader, to install. */
  readonly snapshot?: SnapshotMetadata;
  readonly entries: readonly Entry[];
  readonly messages: readonly Message[];
  /** Answers to votes and appends, and requests for votes: they speak for what is written. */
  readonly responses: readonly Message[];
  readonly committedEntries: readonly Entry[];
  readonly readStates: readonly ReadState[];
  /** Empty unless `asyncStorageWrites` is on. */
  readonly storage: readonly StorageMessage[];
}
