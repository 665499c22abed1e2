import type { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError } from './errors.js';
import type { MachineId } from './ids.js';
import type { OperationTable, Schema } from './schema.js';

/** A machine as its group has agreed on it: by what its calls are checked, and how it behaves, on every replica alike. */
export interface AgreedMachine {
  readonly machine: MachineId;
  /** The name under which it is registered, for messages. */
  readonly name: string;
  /** Of its class: a positive integer, see `StateMachine.version`. */
  readonly version: number;
  /** {@link tableText} of its operations. */
  readonly table: string;
}

/** Those that this build knows: the compiler sees to it that none is missing. */
const KINDS: ReadonlySet<unknown> = new Set(
  Object.keys({
    void: true,
    null: true,
    boolean: true,
    number: true,
    bigint: true,
    string: true,
    date: true,
    bytes: true,
    unknown: true,
    literal: true,
    array: true,
    tuple: true,
    record: true,
    map: true,
    set: true,
    object: true,
    union: true,
    reference: true,
  } satisfies Readonly<Record<Schema['kind'], true>>),
);

/**
 * A table as text, which is in logs and snapshots: equal for equal tables, in whatever order their operations, types and
 * properties were written down. JSON, in which what JSON lacks is an object with its kind: `{"bigint":"12"}`.
 */
export function tableText(table: OperationTable): string {
  const operations = table.operations.toSorted((left, right) => left.id - right.id);
  return JSON.stringify({ ...table, operations }, (_key, value: unknown) => {
    if (typeof value === 'bigint') return { bigint: String(value) };
    if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([left], [right]) => (left < right ? -1 : 1)));
  });
}

/**
 * The table that {@link tableText} made a text of.
 *
 * @param name Of the machine, for messages.
 * @throws DecoraftError `SchemaMismatch` for what this build does not know how to check: a newer one wrote it.
 */
export function readTable(text: string, name: string): OperationTable {
  const newer = (what: string): DecoraftError =>
    new DecoraftError(
      'SchemaMismatch',
      `the group has agreed on a table of ${name} ${what}: start a newer build of Decoraft`,
    );
  let table: OperationTable;
  try {
    table = JSON.parse(text, revive) as OperationTable;
  } catch (cause) {
    throw new DecoraftError('SchemaMismatch', `the table of ${name} cannot be read`, { cause });
  }
  const { format, operations, types } = table;
  if ((format as number) !== 1 || !Array.isArray(operations) || typeof types !== 'object') {
    throw newer(`in the format ${String(format)}`);
  }
  for (const { parameters, rest, result } of operations) {
    const schemas = [...parameters, ...(rest ? [rest] : [])].map(({ schema }) => schema);
    refuseUnknownKinds([...schemas, result], newer);
  }
  refuseUnknownKinds(Object.values(types), newer);
  return table;
}

/** Walks through all that a schema is made of; what is no schema in it has no kind. */
function refuseUnknownKinds(parts: readonly unknown[], newer: (what: string) => DecoraftError): void {
  for (const part of parts) {
    if (typeof part !== 'object' || part === null) continue;
    const { kind } = part as { readonly kind?: unknown };
    if (kind !== undefined && !KINDS.has(kind)) throw newer(`with a schema of kind ${JSON.stringify(kind)}`);
    refuseUnknownKinds(Object.values(part), newer);
  }
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const [only, ...more] = Object.entries(value);
  if (!only || more.length > 0 || typeof only[1] !== 'string') return value;
  if (only[0] === 'bigint') return BigInt(only[1]);
  return only[0] === 'number' ? Number(only[1]) : value;
}

export function writeAgreedMachine(
  writer: ByteWriter,
  { machine, name, table, version }: AgreedMachine,
): void {
  writer.u32(machine).text(name).u32(version).text(table);
}

export function readAgreedMachine(reader: ByteReader): AgreedMachine {
  return {
    machine: reader.u32() as MachineId,
    name: reader.text(),
    version: reader.u32(),
    table: reader.text(),
  };
}
