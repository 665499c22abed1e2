import {
  type ArgumentsEncoder,
  type ClientTable,
  type Consistency,
  isConsistency,
  strongerOf,
} from '@decoraft/protocol';
import type { CallOptions } from './call-options.js';
import type { Cluster } from './cluster.js';
import { contractIn } from './contracts.js';
import type { Subscription, Unsubscribe } from './subscription.js';

/** What every generated client extends: a machine's name, a cluster, and options for the calls. */
export abstract class MachineClient {
  protected readonly cluster: Cluster;
  protected readonly machineName: string;
  protected readonly options: CallOptions;
  readonly #table: ClientTable | undefined;

  /**
   * @param cluster From `connect`.
   * @param machineName The name under which the machine is registered on the nodes.
   * @param options For every call made through this object.
   * @param table What the client was generated from: nodes that have another one refuse what does not fit.
   */
  protected constructor(
    cluster: Cluster,
    machineName: string,
    options: CallOptions = {},
    table?: ClientTable,
  ) {
    this.cluster = cluster;
    this.machineName = machineName;
    this.options = options;
    this.#table = table;
  }

  protected command<Result>(
    operation: number,
    name: string,
    args: readonly unknown[],
    encode?: ArgumentsEncoder,
  ): Promise<Result> {
    return this.cluster.command(this.#call(operation, name, args, encode), this.options) as Promise<Result>;
  }

  protected query<Result>(
    operation: number,
    name: string,
    args: readonly unknown[],
    declared?: Consistency,
    encode?: ArgumentsEncoder,
  ): Promise<Result> {
    const { consistency: wanted = declared ?? 'session' } = this.options;
    // What is no level goes on as it is, and is refused like any other option.
    const isKnown = declared !== undefined && isConsistency(wanted);
    const consistency = isKnown ? strongerOf(declared, wanted) : wanted;
    return this.cluster.query(this.#call(operation, name, args, encode), {
      ...this.options,
      consistency,
    }) as Promise<Result>;
  }

  protected subscribe<Value>(operation: number, name: string, args: readonly unknown[]): Subscription<Value>;
  protected subscribe<Value>(
    operation: number,
    name: string,
    args: readonly unknown[],
    listener: ((value: Value) => void) | undefined,
    encode?: ArgumentsEncoder,
  ): Subscription<Value> | Promise<Unsubscribe>;
  protected subscribe<Value>(
    operation: number,
    name: string,
    args: readonly unknown[],
    listener?: (value: Value) => void,
    encode?: ArgumentsEncoder,
  ): Subscription<Value> | Promise<Unsubscribe> {
    const call = this.#call(operation, name, args, encode);
    if (listener === undefined) return this.cluster.subscribe(call, this.options) as Subscription<Value>;
    return this.cluster.listen(call, this.options, listener as (value: unknown) => void);
  }

  #call(operation: number, name: string, args: readonly unknown[], encode: ArgumentsEncoder | undefined) {
    const contract = contractIn(this.#table, operation);
    return { machine: this.machineName, operation, name, args, contract, encode };
  }
}
