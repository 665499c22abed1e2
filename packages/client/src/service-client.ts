import type { ArgumentsEncoder, ClientTable } from '@decoraft/protocol';
import type { CallOptions } from './call-options.js';
import { contractIn } from './contracts.js';
import type { ServiceName } from './service-call.js';
import type { ServiceHost } from './service-calls.js';

/** What every generated client of a service extends: where it is called, by which name, and options for the calls. */
export abstract class ServiceClient {
  protected readonly host: ServiceHost;
  protected readonly serviceName: ServiceName;
  protected readonly options: CallOptions;
  readonly #table: ClientTable | undefined;

  /**
   * @param host From `connect`: whichever node is connected is called; or one node of it, `cluster.node(address)`.
   * @param serviceName The name under which the service is registered, and its ID where it was given one of its own.
   * @param options For every call made through this object. A stream has no time limit unless `timeoutMs` is given.
   * @param table What the client was generated from: nodes that have another one refuse what does not fit.
   */
  protected constructor(
    host: ServiceHost,
    serviceName: ServiceName,
    options: CallOptions = {},
    table?: ClientTable,
  ) {
    this.host = host;
    this.serviceName = serviceName;
    this.options = options;
    this.#table = table;
  }

  protected unary<Result>(
    method: number,
    name: string,
    args: readonly unknown[],
    encode?: ArgumentsEncoder,
  ): Promise<Result> {
    return this.host.services.call(this.#call(method, name, args, encode), this.options) as Promise<Result>;
  }

  protected serverStream<Item>(
    method: number,
    name: string,
    args: readonly unknown[],
    encode?: ArgumentsEncoder,
  ): AsyncIterable<Item> {
    return this.host.services.stream(
      this.#call(method, name, args, encode),
      this.options,
    ) as AsyncIterable<Item>;
  }

  protected clientStream<Result>(
    method: number,
    name: string,
    args: readonly unknown[],
    source: AsyncIterable<unknown>,
    encode?: ArgumentsEncoder,
  ): Promise<Result> {
    const call = { ...this.#call(method, name, args, encode), source };
    return this.host.services.call(call, this.options) as Promise<Result>;
  }

  protected bidirectionalStream<Item>(
    method: number,
    name: string,
    args: readonly unknown[],
    source: AsyncIterable<unknown>,
    encode?: ArgumentsEncoder,
  ): AsyncIterable<Item> {
    const call = { ...this.#call(method, name, args, encode), source };
    return this.host.services.stream(call, this.options) as AsyncIterable<Item>;
  }

  #call(method: number, name: string, args: readonly unknown[], encode: ArgumentsEncoder | undefined) {
    const contract = contractIn(this.#table, method);
    return { service: this.serviceName, method, name, args, contract, encode };
  }
}
