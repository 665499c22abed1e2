import {
  checkContract,
  DecoraftError,
  type Operation,
  type OperationKind,
  readArguments,
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
 * @param owner The class, whose emitted decoders are used where they read what the table says.
 * @param byContract Whether a call that carries a contract must carry that of the table.
 * @throws DecoraftError `Unimplemented`, `SchemaMismatch`, `InvalidArgument`
 */
export function checkCall(
  kind: OperationKind,
  table: CallTable,
  owner: object,
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
  const args = readArguments({ owner, operation, types, where }, encoded, (bytes) => codec.decode(bytes));
  return { operation, args };
}
