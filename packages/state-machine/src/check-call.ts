import { checkArguments, DecoraftError, type Operation, type OperationKind } from '@decoraft/protocol';
import type { CallTable } from './agreement.js';
import type { Call } from './call.js';
import type { ValueCodec } from './codec.js';

/** A call that was found to be sound. */
export interface CheckedCall {
  readonly operation: Operation;
  readonly args: readonly unknown[];
}

/** The decoded arguments of a call. @throws DecoraftError `Unimplemented`, `InvalidArgument` */
export function checkCall(kind: OperationKind, table: CallTable, call: Call, codec: ValueCodec): CheckedCall {
  const { name, operations, types } = table;
  const operation = operations.get(call.operation);
  if (!operation || operation.kind !== kind) {
    throw new DecoraftError('Unimplemented', `machine ${name} has no @${kind} with id ${call.operation}`);
  }
  const args = codec.decode(call.args);
  checkArguments(operation, types, args, `${name}.${operation.name}`);
  return { operation, args };
}
