import { DecoraftError, type Operation, type OperationTable } from '@decoraft/protocol';
import type { StateMachine } from './machine.js';

type MachineClass = abstract new (...args: never[]) => StateMachine;

const tables = new WeakMap<object, OperationTable>();

/**
 * Ties a machine class to what the generator read from it. Generated `operations.ts` files call this when they
 * are imported; users do not.
 */
export function defineOperations(machine: MachineClass, table: OperationTable): void {
  tables.set(machine, table);
}

/** @throws DecoraftError `InvalidArgument` that says what to run and what to import. */
export function operationsOf(machine: StateMachine): OperationTable {
  const table = tables.get(machine.constructor);
  if (table) return table;
  if (typeof machine === 'function') {
    const { name } = machine as MachineClass;
    throw new DecoraftError('InvalidArgument', `${name} is a class, not a machine: write new ${name}()`);
  }
  const { name } = machine.constructor;
  throw new DecoraftError(
    'InvalidArgument',
    `${name} has no table of operations: run \`decoraft generate\` and import './generated/operations.js' ` +
      'where the node starts',
  );
}

/** The operations of a table by their ids. */
export function indexOperations(table: OperationTable): ReadonlyMap<number, Operation> {
  return new Map(table.operations.map((operation) => [operation.id, operation]));
}
