/**
 * # State machine
 *
 * What a user writes, and how entries reach it. `decorators.ts`, `event.ts` and `machine.ts` are the user's words;
 * `registration.ts` finds mistakes before a node serves; `replica.ts` is the replicated state of one group, with
 * `sessions.ts`, `subscriptions.ts` and `machine-host.ts` as its parts.
 *
 * Pure and deterministic: nothing here reads a clock, opens a connection or waits. The same log gives the same
 * state, replies and events on every replica.
 *
 * What is not here: snapshots of machines and timers. The log is replayed from its beginning at every start.
 */
export type { ValueCodec } from './codec.js';
export {
  cmd,
  type CommandOptions,
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
export { type Applied, type LogEntry, Replica } from './replica.js';
export { countUpTo, type PendingEvent, type Subscription } from './subscriptions.js';
