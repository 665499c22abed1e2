/**
 * # Decoraft
 *
 * What machines and services are written with. `decoraft/server` runs it, `decoraft/client` calls it. A façade: no
 * logic here.
 */
export {
  type Binding,
  binding,
  bindingsHere,
  CALL_METADATA,
  type ClockRelation,
  CURRENT_MEMBER,
  type EncodedClock,
  IS_LEADER,
  type VectorClock,
  vectorClock,
} from '@decoraft/base';
export {
  argumentsDecoder,
  canonicalKey,
  DecoraftError,
  defineDecoders,
  type ErrorCode,
  NEXT_STEP,
  type NextStep,
  type PositionalReader,
  read,
  type SessionId,
  type TimerId,
  type Unchecked,
} from '@decoraft/protocol';
export { defineService, rpc, type RpcOptions, RpcService } from '@decoraft/service';
export {
  cmd,
  type CommandContext,
  type CommandOptions,
  defineOperations,
  derived,
  type DerivedOptions,
  event,
  type EventName,
  type EventParameters,
  type EventSource,
  type EventValue,
  type LastingOptions,
  type Notifier,
  type QueryOptions,
  qry,
  StateMachine,
  sub,
  type SubscriptionOptions,
} from '@decoraft/state-machine';
