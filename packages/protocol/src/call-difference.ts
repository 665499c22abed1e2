import type { Operation, ParameterSchema } from './schema.js';
import { differencesOf } from './schema-difference.js';
import { argumentsSchema } from './schema-text.js';
import { changeOf, type SchemaDifference, type Sides } from './shape-difference.js';
import type { Types } from './types.js';

/** What differs in the shapes of operations: all but what it is called. */
export type CallShape = Pick<Operation, 'kind' | 'parameters' | 'rest' | 'result'>;

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
    ...resultDifferences(server, caller, SERVER_TO_CALLER),
  ];
}

const KIND = { cmd: 'a command', qry: 'a query', sub: 'an event' } as const;

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
  older: TypedOperation<Pick<Operation, 'kind' | 'result'>>,
  newer: TypedOperation<Pick<Operation, 'kind' | 'result'>>,
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
