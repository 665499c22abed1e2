/**
 * # Base
 *
 * The leaf of the house: ids, clocks, randomness, errors, bytes, listeners and logging. It does no I/O, knows no other
 * package, and runs in a browser as it does in Node. Time and randomness are ports here, because everything
 * above must be able to run under a virtual clock and a seed.
 */
export type { Brand } from './brand.js';
export { ByteReader, ByteWriter, MalformedBytes } from './bytes.js';
export { type Clock, pause, systemClock, type Timer, VirtualClock } from './clock.js';
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
export { hashBytes, stableHash } from './hash.js';
export { Heap } from './heap.js';
export { type Logger, type LogLevel, silentLogger, withFields } from './logger.js';
export { type Random, seededRandom, systemRandom } from './random.js';
export { wideHash, WideHasher } from './wide-hash.js';
