import type { CallContext, Method, Service } from '@decoraft/rpc';
import { currentCall } from './current-call.js';
import { inspectService } from './inspection.js';
import { methodsOf } from './methods.js';

/**
 * What a class of RPC methods extends. Its methods that are decorated with `@rpc` are called by clients, on whichever
 * node they ask; its fields are its own, on each node and in each process apart: what all nodes must agree on belongs
 * in a machine.
 *
 * @example
 * ```ts
 * export class Greeter extends RpcService {
 *   @rpc greet(name: string): string { return `hello ${name}`; }
 *   @rpc async *count(to: number): AsyncGenerator<number> { for (let n = 1; n <= to; n++) yield n; }
 *   @rpc async sum(values: AsyncIterable<number>): Promise<number> { … }
 * }
 * ```
 */
export abstract class RpcService implements Service {
  /**
   * What a server reads when the service is registered; a service may be registered on several, and under several names.
   *
   * @throws DecoraftError `InvalidArgument` for a class that is not sound, by class and member, and for one whose
   *   generated table was not imported.
   */
  get methods(): readonly Method[] {
    return methodsOf(this, inspectService(this));
  }

  /**
   * Whether its handlers look at neither {@link context} nor any binding. They are called without, then, which on Node
   * before 24 spares every promise of the process a little: for those that are called all the time. `false` when it is not
   * overridden.
   */
  get readsNoBindings(): boolean {
    return false;
  }

  /**
   * The call that runs: its metadata, the signal that tells when nobody waits for it any more, the time that is left,
   * the connection that it came by. It follows the handler through whatever it awaits.
   *
   * @throws DecoraftError `InvalidArgument` outside of a call, and where {@link readsNoBindings}.
   */
  protected get context(): CallContext {
    return currentCall(this);
  }
}
