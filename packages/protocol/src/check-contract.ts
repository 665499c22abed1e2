import { contractHashOf, contractOf } from './contract.js';
import { describeOperation } from './describe-schema.js';
import { DecoraftError } from './errors.js';
import type { Operation } from './schema.js';
import type { ServiceMethod } from './service-table.js';
import type { Types } from './types.js';

/**
 * Refuses a call that was made by another contract than that of the operation here.
 *
 * @param hash What the call carries; `undefined` where it carries none: then only its arguments are checked.
 * @param where The call, for the message: `users.set`.
 * @throws DecoraftError `SchemaMismatch`, whose `data.contract` is the {@link Contract} here, for the caller to compare.
 */
export function checkContract(
  hash: number | undefined,
  operation: Operation | ServiceMethod,
  types: Types,
  where: string,
): void {
  if (hash === undefined || hash === contractHashOf(operation, types)) return;
  const words = `${where}: the client was generated from another version: here it is ${describeOperation(operation)}`;
  throw new DecoraftError('SchemaMismatch', words, { data: { contract: contractOf(operation, types) } });
}
