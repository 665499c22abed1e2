import { unreachable } from '@decoraft/base';
import type { ServiceMethod, ServiceTable } from '@decoraft/protocol';
import type { CallContext, Method } from '@decoraft/rpc';
import { argumentsOf, writeResult } from './arguments.js';
import { withinCall } from './current-call.js';
import { itemsOf } from './items.js';
import type { RpcService } from './rpc-service.js';

/** What is known of a method where it is called. */
export interface Procedure {
  readonly service: RpcService;
  readonly table: ServiceTable;
  readonly method: ServiceMethod;
  /** For messages: `Greeter.greet`. */
  readonly where: string;
}

/** What a method of a service carries of itself, for reflection. */
export interface ProcedureDescription {
  readonly table: ServiceTable;
  readonly method: ServiceMethod;
}

/** The methods of a service as the server's registry takes them: bytes in, bytes out. */
export function methodsOf(service: RpcService, table: ServiceTable): readonly Method[] {
  return table.methods.map((method) =>
    methodOf({ service, table, method, where: `${table.service}.${method.name}` }),
  );
}

function methodOf(procedure: Procedure): Method {
  const { method, table } = procedure;
  const { id, kind, name } = method;
  const description: ProcedureDescription = { table, method };
  const common = { id, name, description };
  const read = (payload: Uint8Array, payloads?: AsyncIterable<Uint8Array>): readonly unknown[] =>
    argumentsOf(procedure, payload, payloads);
  switch (kind) {
    case 'unary':
      return { ...common, kind, handle: (payload, call) => answerOf(procedure, read(payload), call) };
    case 'stream':
      return { ...common, kind, handle: (payload, call) => streamOf(procedure, read(payload), call) };
    case 'client-stream':
      return {
        ...common,
        kind,
        handle: (payload, payloads, call) => answerOf(procedure, read(payload, payloads), call),
      };
    case 'bidirectional-stream':
      return {
        ...common,
        kind,
        handle: (payload, payloads, call) => streamOf(procedure, read(payload, payloads), call),
      };
    default:
      return unreachable(kind);
  }
}

function answerOf(
  procedure: Procedure,
  args: readonly unknown[],
  context: CallContext,
): Uint8Array | Promise<Uint8Array> {
  const result = withinCall(procedure.service, context, () => invoke(procedure, args));
  if (!isThenable(result)) return writeResult(procedure, result);
  return Promise.resolve(result).then((value) => writeResult(procedure, value));
}

function streamOf(
  procedure: Procedure,
  args: readonly unknown[],
  context: CallContext,
): AsyncIterable<Uint8Array> {
  const items = withinCall(procedure.service, context, () => invoke(procedure, args));
  return itemsOf(procedure, items, context);
}

function invoke({ method, service }: Procedure, args: readonly unknown[]): unknown {
  const handler = Reflect.get(service, method.name) as (...args: readonly unknown[]) => unknown;
  return Reflect.apply(handler, service, args);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}
