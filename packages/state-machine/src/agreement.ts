import {
  type AgreedMachine,
  type MachineId,
  type Operation,
  readTable,
  type Schema,
} from '@decoraft/protocol';
import { indexOperations } from './operations.js';

/** By what calls of a machine are checked. */
export interface CallTable {
  /** Of the machine, for messages. */
  readonly name: string;
  readonly operations: ReadonlyMap<number, Operation>;
  readonly types: Readonly<Record<string, Schema>>;
}

/** A machine as the group has agreed on it, ready to check calls. */
export interface AgreedTable extends CallTable {
  readonly agreed: AgreedMachine;
}

/** @throws DecoraftError `SchemaMismatch` for a table that this build cannot read. */
export function toAgreedTable(agreed: AgreedMachine): AgreedTable {
  const table = readTable(agreed.table, agreed.name);
  return { agreed, name: agreed.name, operations: indexOperations(table), types: table.types };
}

/**
 * What the group has agreed on about its machines. Part of the replicated state: only `apply` changes it. A group of
 * which nobody has asked for it has agreed on nothing: there every replica goes by its own code.
 */
export class Agreement {
  #byId: ReadonlyMap<MachineId, AgreedTable> = new Map();

  /** Whether nothing was agreed on: then the tables of the code count. */
  get isEmpty(): boolean {
    return this.#byId.size === 0;
  }

  of(machine: MachineId): AgreedTable | undefined {
    return this.#byId.get(machine);
  }

  /** By the ids of the machines. */
  get all(): readonly AgreedMachine[] {
    return Array.from(this.#byId.values(), ({ agreed }) => agreed);
  }

  agree(table: AgreedTable): void {
    this.restore([...this.#byId.values(), table]);
  }

  /** Takes the place of what is here; of two that are given for a machine, the later counts. */
  restore(tables: readonly AgreedTable[]): void {
    const byId = new Map(tables.map((table) => [table.agreed.machine, table]));
    this.#byId = new Map([...byId].toSorted(([left], [right]) => left - right));
  }
}
