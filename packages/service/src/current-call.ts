import { DecoraftError } from '@decoraft/protocol';
import type { CallContext } from '@decoraft/rpc';

let current: CallContext | undefined;

/** Runs `work`, and all that it awaits, with this call as the current one of the service. */
export function withinCall<Result>(_service: object, context: CallContext, work: () => Result): Result {
  const before = current;
  current = context;
  try {
    return work();
  } finally {
    current = before;
  }
}

/** @throws DecoraftError `InvalidArgument` outside of a call. */
export function currentCall(service: object): CallContext {
  if (current) return current;
  throw new DecoraftError('InvalidArgument', `${service.constructor.name}.context exists only within a call`);
}
