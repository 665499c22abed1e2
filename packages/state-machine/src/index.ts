/**
 * # State machine
 *
 * What a user writes, and how entries reach it. `decorators.ts`, `event.ts` and `machine.ts` are the user's words;
 * `registration.ts` finds mistakes before a node serves; `replica.ts` is the replicated state of one group, with
 * `sessions.ts`, `subscriptions.ts` and `machine-host.ts` as its parts. `state/` is how all of it becomes one image
 * and comes back: `image.ts` is the whole, `machine-state.ts` one machine's part of it, `encoder.ts` and `decoder.ts`
 * the bytes of any data.
 *
 * Pure and deterministic: nothing here reads a clock, opens a connection or waits. The same log gives the same
 * state, replies and events on every replica.
 *
 * What is not here: timers. An image is one array in memory, made in one go; large states will stream (issue 4). All
 * fields are state, also those that could be computed from others: marking these is for issue 4, as are the
 * generator's checks for fields that are not data or begin with `#`; until then the first are found when a machine is
 * registered or a snapshot taken, the second by nobody. An image carries no checksum: storage and the wire have
 * theirs.
 */
export type { ValueCodec } from './codec.js';
export {
  cmd,
  type CommandOptions,
  derived,
  type DerivedOptions,
  type FieldTag,
  type MethodTag,
  type QueryOptions,
  qry,
  sub,
  type SubscriptionOptions,
} from './decorators.js';
export { event, type EventSource, type Notifier } from './event.js';
export { type CommandContext, StateMachine } from './machine.js';
export { defineOperations } from './operations.js';
export type { Applied, Effect, LogEntry, StateCheckDue } from './applied.js';
export { Replica, type ReplicaOptions } from './replica.js';
export type { ReplicaView } from './state/replica-view.js';
export type { Diverged, NodeHash } from './state-checks.js';
export { countUpTo, type PendingEvent, type Subscription } from './subscriptions.js';
