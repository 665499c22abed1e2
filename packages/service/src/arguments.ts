import { messageOf } from '@decoraft/base';
import {
  checkContract,
  checkValue,
  DecoraftError,
  readArguments,
  type SourceSchema,
  splitContract,
} from '@decoraft/protocol';
import { decodeValue, encodeValue } from '@decoraft/rpc';
import type { Procedure } from './methods.js';

/**
 * What the caller gave, once it is known to fit; a stream of the caller's in its place among the others.
 *
 * @throws RpcError `InvalidArgument` for bytes that are no values; DecoraftError `SchemaMismatch` for a caller that knows
 *   another method than this, `InvalidArgument` that names the parameter.
 */
export function argumentsOf(
  procedure: Procedure,
  payload: Uint8Array,
  payloads?: AsyncIterable<Uint8Array>,
): readonly unknown[] {
  const { method, service, table, where } = procedure;
  const { args: encoded, hash } = splitContract(payload);
  checkContract(hash, method, table.types, where);
  const called = { owner: service.constructor, operation: method, types: table.types, where };
  const args = readArguments(called, encoded, decodeValue);
  const { source } = method;
  if (!source || !payloads) return args;
  // What may be left out before it was left out.
  const before = Array.from({ length: source.at }, (_, at) => args[at]);
  return [...before, readItems(procedure, source, payloads), ...args.slice(source.at)];
}

/** What the handler loops over; an item that does not fit ends its loop with `InvalidArgument`. */
async function* readItems(
  { table, where }: Procedure,
  { item, name }: SourceSchema,
  payloads: AsyncIterable<Uint8Array>,
): AsyncGenerator<unknown, void> {
  let count = 0;
  for await (const payload of payloads) {
    count += 1;
    const value = decodeValue(payload);
    checkValue(item, table.types, value, `${where}: item ${count} of ${name}`);
    yield value;
  }
}

/**
 * @throws DecoraftError `Internal` for what cannot be sent: it is no fault of the caller's that the service gave it.
 */
export function writeResult({ where }: Pick<Procedure, 'where'>, value: unknown): Uint8Array {
  try {
    return encodeValue(value);
  } catch (cause) {
    throw new DecoraftError('Internal', `${where} gave what cannot be sent: ${messageOf(cause)}`, { cause });
  }
}
