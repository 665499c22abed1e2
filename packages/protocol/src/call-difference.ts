import type { Operation, OperationKind, ParameterSchema } from './schema.js';
import { differencesOf } from './schema-difference.js';
import { argumentsSchema } from './schema-text.js';
import type { ServiceMethodKind, SourceSchema } from './service-table.js';
import { changeOf, type SchemaDifference, type Sides } from './shape-difference.js';
import type { Types } from './types.js';

/** What an operation of a machine, or a method of a service, takes and gives. */
export interface CallShape extends Pick<Operation, 'parameters' | 'rest' | 'result'> {
  readonly kind: OperationKind | ServiceMethodKind;
  readonly source?: SourceSchema;
}

/** An operation with the types that it refers to. */
export interface TypedOperation<Shape = CallShape> {
  readonly operation: Shape;
  readonly types: Types;
}

const CALLER_TO_SERVER: Sides = { older: 'in the client', newer: 'on the node' };
const SERVER_TO_CALLER: Sides = { older: 'on the node', newer: 'in the client' };

/**
 * Whether all calls of `caller` go through on `server`: its arguments fit there, what comes back fits here, and both
 * mean the same kind of operation. Empty when they do.
 */
export function callDifferences(caller: TypedOperation, server: TypedOperation): readonly SchemaDifference[] {
  const kinds =
    caller.operation.kind === server.operation.kind
      ? []
      : [changeOf('', KIND[caller.operation.kind], KIND[server.operation.kind], CALLER_TO_SERVER)];
  return [
    ...kinds,
    ...argumentDifferences(caller, server, CALLER_TO_SERVER),
    ...sourceDifferences(caller, server),
    ...resultDifferences(server, caller, SERVER_TO_CALLER),
  ];
}

const KIND = {
  cmd: 'a command',
  qry: 'a query',
  sub: 'an event',
  unary: 'a call',
  stream: 'a stream',
  'client-stream': 'a call that takes a stream',
  'bidirectional-stream': 'a stream that takes a stream',
} as const;

/** The items that the caller sends. */
function sourceDifferences(caller: TypedOperation, server: TypedOperation): readonly SchemaDifference[] {
  const [older, newer] = [caller.operation.source, server.operation.source];
  if (!older || !newer) return [];
  return differencesOf(
    { schema: older.item, types: caller.types },
    { schema: newer.item, types: server.types },
    CALLER_TO_SERVER,
  ).map(({ path, words }) => ({ path: `items of ${older.name}${path}`, words }));
}

/**
 * Whether all arguments that fit `older` fit `newer`, by position. Paths begin with `argument 2 (value)`, by the names
 * of `older` where it has one.
 */
export function argumentDifferences(
  older: TypedOperation<Pick<Operation, 'parameters' | 'rest'>>,
  newer: TypedOperation<Pick<Operation, 'parameters' | 'rest'>>,
  sides?: Sides,
): readonly SchemaDifference[] {
  const found = differencesOf(
    { schema: argumentsSchema(older.operation), types: older.types },
    { schema: argumentsSchema(newer.operation), types: newer.types },
    sides,
  );
  const parameterAt = (at: number): ParameterSchema | undefined =>
    older.operation.parameters[at] ?? newer.operation.parameters[at];
  const rest = older.operation.rest ?? newer.operation.rest;
  return found.map(({ path, words }) => {
    const [, position = '', inner = ''] = /^\[(\d*)\](.*)$/su.exec(path) ?? [];
    const parameter = position === '' ? rest : parameterAt(Number(position));
    const place = position === '' ? 'arguments behind the last' : `argument ${Number(position) + 1}`;
    return { path: `${place}${parameter ? ` (${parameter.name}${inner})` : inner}`, words };
  });
}

/** Whether all results (values, of an event) of `older` fit `newer`. Paths begin with `result`, or `event`. */
export function resultDifferences(
  older: TypedOperation<Pick<CallShape, 'kind' | 'result'>>,
  newer: TypedOperation<Pick<CallShape, 'kind' | 'result'>>,
  sides?: Sides,
): readonly SchemaDifference[] {
  const found = differencesOf(
    { schema: older.operation.result, types: older.types },
    { schema: newer.operation.result, types: newer.types },
    sides,
  );
  const place = newer.operation.kind === 'sub' ? 'event' : 'result';
  return found.map(({ path, words }) => ({ path: `${place}${path}`, words }));
}
