import { stableHash } from '@decoraft/base';
import type { CallShape, TypedOperation } from './call-difference.js';
import type { Operation, Schema } from './schema.js';
import { operationText, schemaText } from './schema-text.js';
import type { ServiceMethod } from './service-table.js';
import { resolveType, type Types } from './types.js';

/**
 * What caller and node must agree on about one operation: the shapes of its arguments and of its result. A generated
 * client sends the number of its contract with each call; a node that has another one refuses the call before anything is
 * logged, and says what it has. Where calls of the one fit the other (`callDifferences`), the client calls again
 * with the number of the node's: so a call is done only where somebody has seen that both sides understand it.
 */
export interface Contract extends TypedOperation<CallShape & { readonly name: string }> {
  /** See {@link contractHash}. */
  readonly hash: number;
}

/** What a client was generated from. Emitted by the generator. */
export interface ClientTable {
  readonly operations: readonly (CallShape & {
    readonly id: number;
    readonly name: string;
    /** See {@link contractHash}. */
    readonly contract: number;
  })[];
  /** Named types, where a schema refers to them. */
  readonly types: Types;
}

/** 32 bits that stand for the shapes of what an operation takes and gives. */
export function contractHash(shape: CallShape, types: Types): number {
  const items = shape.source ? ` <= ${schemaText(shape.source.item, types)}` : '';
  return stableHash(operationText(shape, types) + items);
}

const known = new WeakMap<object, number>();

/** {@link contractHash}, worked out once for each operation of a table. */
export function contractHashOf(operation: Operation | ServiceMethod, types: Types): number {
  const hash = known.get(operation) ?? contractHash(operation, types);
  known.set(operation, hash);
  return hash;
}

/** An operation with its contract's number, and only the types that it refers to: small enough for an error. */
export function contractOf(operation: Operation | ServiceMethod, types: Types): Contract {
  const used = new Map<string, Schema>();
  gather(
    [operation.parameters, operation.rest, operation.result, Reflect.get(operation, 'source')],
    types,
    used,
  );
  return { hash: contractHashOf(operation, types), operation, types: Object.fromEntries(used) };
}

/** Walks through all that schemas are made of. */
function gather(parts: readonly unknown[], types: Types, used: Map<string, Schema>): void {
  for (const part of parts) {
    if (typeof part !== 'object' || part === null) continue;
    const { kind, name } = part as { readonly kind?: unknown; readonly name?: unknown };
    if (kind === 'reference' && typeof name === 'string') {
      if (used.has(name)) continue;
      const schema = resolveType(types, name);
      used.set(name, schema);
      gather([schema], types, used);
    } else {
      gather(Object.values(part), types, used);
    }
  }
}

/** No encoded arguments begin so: MessagePack has here an array. */
const CONTRACT_MARK = 0x01;
const HEADER_BYTES = 5;

/** Encoded arguments, with the number of the contract by which they are meant before them. */
export function withContract(hash: number, args: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + args.length);
  bytes[0] = CONTRACT_MARK;
  new DataView(bytes.buffer).setUint32(1, hash);
  bytes.set(args, HEADER_BYTES);
  return bytes;
}

/** The two again. Callers that know of no contract, and what was logged for them, have none. */
export function splitContract(bytes: Uint8Array): { readonly hash?: number; readonly args: Uint8Array } {
  if (bytes[0] !== CONTRACT_MARK || bytes.length <= HEADER_BYTES) return { args: bytes };
  const hash = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
  return { hash, args: bytes.subarray(HEADER_BYTES) };
}
