import {
  checkArguments,
  checkContract,
  DecoraftError,
  type Operation,
  type OperationKind,
  splitContract,
} from '@decoraft/protocol';
import type { CallTable } from './agreement.js';
import type { Call } from './call.js';
import type { ValueCodec } from './codec.js';

/** A call that was found to be sound. */
export interface CheckedCall {
  readonly operation: Operation;
  readonly args: readonly unknown[];
}

/**
 * The decoded arguments of a call.
 *
 * @param byContract Whether a call that carries a contract must carry that of the table.
 * @throws DecoraftError `Unimplemented`, `SchemaMismatch`, `InvalidArgument`
 */
export function checkCall(
  kind: OperationKind,
  table: CallTable,
  call: Call,
  codec: ValueCodec,
  byContract: boolean,
): CheckedCall {
  const { name, operations, types } = table;
  const operation = operations.get(call.operation);
  if (!operation || operation.kind !== kind) {
    throw new DecoraftError('Unimplemented', `machine ${name} has no @${kind} with id ${call.operation}`);
  }
  const where = `${name}.${operation.name}`;
  const { args: encoded, hash } = splitContract(call.args);
  if (byContract) checkContract(hash, operation, types, where);
  const args = codec.decode(encoded);
  checkArguments(operation, types, args, where);
  return { operation, args };
}
