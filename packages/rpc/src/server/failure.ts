import { CodedError, type Logger, messageOf } from '@decoraft/base';
import { RpcError } from '../errors.js';

/**
 * What the caller may know of what a handler threw. A coded error was meant for it; anything else was not, and may
 * hold paths, queries or secrets: the server's log gets all of it, the caller only learns that there is something.
 */
export function failureOf(thrown: unknown, fullName: string, logger: Logger): CodedError {
  if (thrown instanceof CodedError) return thrown;
  logger.log('error', `the handler of ${fullName} failed: ${messageOf(thrown)}`, { thrown });
  return new RpcError('Internal', `the handler of ${fullName} failed, its server's log says why`);
}
