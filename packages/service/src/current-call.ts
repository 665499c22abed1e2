import { binding } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import type { CallContext } from '@decoraft/rpc';
import type { RpcService } from './rpc-service.js';

/** A service that calls another's method by itself is no call of that one's. */
interface Current {
  readonly service: object;
  readonly context: CallContext;
}

const CURRENT_CALL = binding<Current | undefined>(undefined, 'the context of a service');

/** Runs `work`, and all that it awaits, with this call as the current one of the service. */
export function withinCall<Result>(service: RpcService, context: CallContext, work: () => Result): Result {
  if (service.readsNoBindings) return work();
  return CURRENT_CALL.run({ service, context }, work);
}

/** @throws DecoraftError `InvalidArgument` outside of a call of this service. */
export function currentCall(service: object): CallContext {
  const current = CURRENT_CALL.get();
  if (current?.service === service) return current.context;
  throw new DecoraftError('InvalidArgument', `${service.constructor.name}.context exists only within a call`);
}
