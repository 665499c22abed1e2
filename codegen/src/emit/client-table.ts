import { type ClientTable, contractHash, type Operation, type ServiceMethod } from '@decoraft/protocol';
import type { NamedClass } from '../model.js';
import { hardLine, type Layout } from './layout.js';
import { isRetired } from '../lasting.js';
import { emitLiteral } from './literal.js';
import { serviceTableOf, tableOf } from './schema.js';

/** The name of the constant in a client that has what it was generated from. */
export const TABLE_NAME = 'TABLE';

/**
 * What a client was generated from: its calls carry the number of their contract, and where a node has another one, the
 * two are compared by this.
 *
 * @param type How the client calls the type `ClientTable`.
 */
export function emitClientTable(model: NamedClass, type: string): Layout {
  const table = emitLiteral(clientTableOf(model), 'expanded');
  return [
    [
      '/** What this client was generated from: compared with what a node has, where that is another version. */',
      hardLine,
    ],
    [`const ${TABLE_NAME}: ${type} = `, table, ';', hardLine],
  ];
}

function clientTableOf(model: NamedClass): ClientTable {
  if (model.kind === 'service') {
    const { methods, types } = serviceTableOf(model);
    return { operations: methods.map((method) => contracted(method, types)), types };
  }
  const members = model.members.filter((member) => !isRetired(member));
  const { operations, types } = tableOf({ ...model, members });
  return { operations: operations.map((operation) => contracted(operation, types)), types };
}

function contracted(
  operation: Operation | ServiceMethod,
  types: ClientTable['types'],
): ClientTable['operations'][number] {
  const { id, ...shape } = operation;
  return { id, contract: contractHash(operation, types), ...shape };
}
