import { messageOf } from '@decoraft/base';
import { checkArguments, DecoraftError } from '@decoraft/protocol';
import { decodeValue, encodeValue } from '@decoraft/rpc';
import type { Procedure } from './methods.js';

/**
 * What the caller gave, once it is known to fit.
 *
 * @throws RpcError `InvalidArgument` for bytes that are no values; DecoraftError `InvalidArgument` that names the
 *   parameter.
 */
export function readArguments({ method, table, where }: Procedure, payload: Uint8Array): readonly unknown[] {
  const args = decodeValue(payload);
  checkArguments(method, table.types, args, where);
  return args;
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
