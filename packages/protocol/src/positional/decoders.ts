import type { ArgumentsDecoder } from './codec.js';

const known = new WeakMap<object, ReadonlyMap<string, ArgumentsDecoder>>();

/**
 * Ties a class of machines or services to what reads the arguments of its operations, by their names. Generated
 * `operations.ts` files call this when they are imported; users do not.
 */
export function defineDecoders(owner: object, decoders: Readonly<Record<string, ArgumentsDecoder>>): void {
  known.set(owner, new Map(Object.entries(decoders)));
}

/** What the generator emitted for an operation of a class, if it did. */
export function decoderOf(owner: object, operation: string): ArgumentsDecoder | undefined {
  return known.get(owner)?.get(operation);
}
