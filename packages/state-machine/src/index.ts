/**
 * # State machine
 *
 * What a user writes, and how entries reach it. `decorators.ts`, `event.ts` and `machine.ts` are the user's words;
 * `registration.ts` finds mistakes before a node serves, `retired.ts` refuses what is only replayed; `replica.ts` is the replicated state of one group, with
 * `sessions.ts`, `subscriptions.ts` with `topic.ts` and `event-tap.ts`, `timers.ts`, `agreed-limits.ts` and
 * `machine-host.ts` (with `own-machine.ts`: Decoraft's own machines, which have no state) as its parts;
 * `entry-commands.ts` is what runs at one entry, `command-runner.ts` one command. `query-guard.ts` and
 * `command-guard.ts` watch over queries and commands in development. `state/` is how all of it becomes one image and comes back:
 * `image-stream.ts` is the whole, `replica-view.ts` how it is read while commands go on, `image.ts` with
 * `session-image.ts`, `subscriptions-image.ts` and `timer-image.ts` what in it belongs to no machine,
 * `machine-state.ts` and `part-source.ts` one machine's part of it, `encoder.ts` and `decoder.ts` the bytes of any
 * data. `private-fields.ts` and `derived-fields.ts` say which fields are no state; `state-checks.ts` compares what
 * replicas have become.
 *
 * Pure and deterministic: nothing here reads a clock or opens a connection, and nothing waits but for a machine's own
 * `snapshot()` and `restore()`. The same log gives the same state, replies, events and effects on every replica.
 *
 * What is not here: who lets time pass, which is the leader's host. An image is read as a stream, but restored only
 * when all of it has come, for a replica is never half of one and half of another. An image carries no checksum:
 * storage and the wire have theirs.
 */
/** What generated tables are made of. */
export { argumentsDecoder, defineDecoders, type PositionalReader, read } from '@decoraft/protocol';
export type { ValueCodec } from './codec.js';
export {
  type BareOrCalled,
  cmd,
  type CommandOptions,
  derived,
  type DerivedOptions,
  type FieldTag,
  type LastingOptions,
  memberDecorator,
  type MethodTag,
  type QueryOptions,
  qry,
  sub,
  type SubscriptionOptions,
  type Tag,
  type TagKind,
  tagsOf,
} from './decorators.js';
export {
  event,
  type EventName,
  type EventParameters,
  type EventSource,
  type EventValue,
  type Notifier,
} from './event.js';
export type { EventTap } from './event-tap.js';
export { type EventSelection, selectEvent } from './select-event.js';
export { type CommandContext, StateMachine } from './machine.js';
export { defineOperations, operationsOf } from './operations.js';
export type {
  Applied,
  Effect,
  LogEntry,
  MachineAgreed,
  MigrationFailed,
  SessionEndFailed,
  StateCheckDue,
  TimerFailed,
} from './applied.js';
export type { CommandDiffered } from './command-guard.js';
export { Replica } from './replica.js';
export type { ReplicaOptions } from './replica-options.js';
export type { ReplicaView } from './state/replica-view.js';
export { withoutClients } from './state/without-clients.js';
export type { Diverged, NodeHash } from './state-checks.js';
export type { News } from './news.js';
export { eventPrefix, eventPrefixOf, type Subscriptions } from './subscriptions.js';
export type { PublishedEvent, Subscription, Topic } from './topic.js';
