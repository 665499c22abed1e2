/**
 * # Base
 *
 * The leaf of the house: ids, clocks, randomness, errors, bytes, listeners and logging. It does no I/O, knows no other
 * package, and runs in a browser as it does in Node. Time and randomness are ports here, because everything
 * above must be able to run under a virtual clock and a seed. `binding.ts` with `binding-scope.ts` carries values along
 * the flow of the program (`house-bindings.ts` are our own); `vector-clock.ts` says which of two histories came first.
 * `on-abort.ts` is how a signal is listened to, wherever it may be somebody else's; `follower.ts` keeps up with a state
 * elsewhere by the events that tell its changes.
 */
export { type Binding, binding, bindingsHere, unbound, withoutBindings } from './binding.js';
export type { Brand } from './brand.js';
export { ByteReader, ByteWriter, MalformedBytes } from './bytes.js';
export { type Clock, pause, systemClock, type Timer, VirtualClock } from './clock.js';
export { compareText } from './compare-text.js';
export { createDeferred, type Deferred } from './deferred.js';
export {
  assertInvariant,
  CodedError,
  InvariantViolation,
  messageOf,
  plainMessage,
  unreachable,
} from './errors.js';
export { EventEmitter, tell } from './event-emitter.js';
export { type Followed, type FollowedEvents, Follower } from './follower.js';
export { hashBytes, stableHash } from './hash.js';
export { Heap } from './heap.js';
export { CALL_METADATA, CURRENT_MEMBER, IS_LEADER } from './house-bindings.js';
export { type Logger, type LogLevel, silentLogger, withFields } from './logger.js';
export { NO_METADATA } from './no-metadata.js';
export { onAbort } from './on-abort.js';
export { type Random, seededRandom, systemRandom } from './random.js';
export { type ClockRelation, type EncodedClock, type VectorClock, vectorClock } from './vector-clock.js';
export { isWellFormed, toWellFormed } from './well-formed.js';
export { wideHash, WideHasher } from './wide-hash.js';
