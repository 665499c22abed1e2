import { checkArguments } from '../check.js';
import { DecoraftError } from '../errors.js';
import { argumentsHash } from '../operation-hash.js';
import type { Types } from '../types.js';
import { argumentsHashOf } from './codec.js';
import { decoderOf } from './decoders.js';
import { type Positional, travelsByPosition } from './layout.js';
import { decodePositional } from './positional.js';

/** An operation of a machine or a method of a service, on the side that is called. */
export interface Called {
  /** The class, whose emitted decoders are used where they read the same shape. */
  readonly owner: object;
  readonly operation: Positional & { readonly name: string };
  readonly types: Types;
  /** For messages: `users.set`. */
  readonly where: string;
}

/**
 * The arguments of a call, which may have come by position or as a value of MessagePack; either way they are known to fit.
 *
 * @param decode Of MessagePack.
 * @throws DecoraftError `InvalidArgument` that names the argument, or the byte; `SchemaMismatch` when the caller's
 *   arguments are of another shape than the operation's. What `decode` throws.
 */
export function readArguments(
  called: Called,
  bytes: Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): readonly unknown[] {
  const { operation, owner, types, where } = called;
  const hash = argumentsHashOf(bytes);
  if (hash === undefined) {
    const args = decode(bytes);
    checkArguments(operation, types, args, where);
    return args;
  }
  // What is declared here counts, and not what the class has become since: replicas with other code come to the same.
  if (hash !== hashOf(operation, types)) {
    throw new DecoraftError('SchemaMismatch', `${where}: the caller's arguments are of another shape`);
  }
  const decoder = decoderOf(owner, operation.name);
  if (decoder?.hash === hash) return decoder.decode(bytes, where);
  return decodePositional(operation, types, bytes, where);
}

const hashes = new WeakMap<Positional, number | null>();

/** `null` where arguments do not travel by position. Worked out once. */
function hashOf(operation: Positional, types: Types): number | null {
  const known = hashes.get(operation);
  if (known !== undefined) return known;
  const hash = travelsByPosition(operation, types) ? argumentsHash(operation, types) : null;
  hashes.set(operation, hash);
  return hash;
}
