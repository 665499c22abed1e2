import { DecoraftError, type Operation } from '@decoraft/protocol';
import { areEqualBytes, ComparedStates, encodeCompared } from './compared-state.js';
import { isEvent } from './event.js';
import type { RegisteredMachine } from './registration.js';
import { settle } from './settled.js';
import { atOnce } from './state/in-pieces.js';
import {
  announceRestored,
  decodeMachine,
  installMachine,
  refusePromise,
  restoresLater,
} from './state/machine-state.js';

/** Has a query run, and says what it must not do. */
export interface QueryGuard {
  run(machine: RegisteredMachine, operation: Operation, query: () => Uint8Array): Uint8Array;
}

/** Believes every query. */
export const unguarded: QueryGuard = { run: (_machine, _operation, query) => query() };

/**
 * Queries that find their machine frozen, as far as that can be told (promise 8). JavaScript cannot freeze a Map, nor
 * thaw what it froze, so the state is compared around the query, and put back where it differs:
 *
 * - Around every query, each field: whether it is there, what it refers to, and how long that is.
 * - Around queries of a small state, and some of a larger one, all of the state as a snapshot would hold it.
 *
 * Fields that are marked with `@derived` are no state, and not looked at. What it cannot
 * see: a change deep in a state of more than a megabyte, of a machine that streams its state, and one that is taken
 * back before the query ends.
 */
export class FrozenQueries implements QueryGuard {
  readonly #states = new ComparedStates();

  run(machine: RegisteredMachine, operation: Operation, query: () => Uint8Array): Uint8Array {
    const fields = fieldsOf(machine);
    const state = this.#states.maybeEncode(machine);
    const outcome = settle(query);
    const changed =
      changedField(fields, fieldsOf(machine)) ??
      (state && !areEqualBytes(state, encodeCompared(machine)) && '');
    if (changed === undefined || changed === false) return outcome();
    throw refusalOf(machine, operation, changed, undo(machine, fields, state));
  }
}

/** What of a field is seen without looking into it. */
interface Glance {
  readonly value: unknown;
  readonly size: number;
}

type Fields = ReadonlyMap<string, Glance>;

function fieldsOf({ derived, instance }: RegisteredMachine): Fields {
  const fields = new Map<string, Glance>();
  // Whoever says what its state is may keep in fields what is none.
  if (instance.snapshot) return fields;
  for (const [name, value] of Object.entries(instance)) {
    if (!derived.names.has(name) && !isEvent(value)) fields.set(name, { value, size: sizeOf(value) });
  }
  return fields;
}

function sizeOf(value: unknown): number {
  if (value instanceof Map || value instanceof Set) return value.size;
  return Array.isArray(value) ? value.length : 0;
}

function changedField(before: Fields, after: Fields): string | undefined {
  for (const [name, { size, value }] of before) {
    const now = after.get(name);
    if (!now || !Object.is(now.value, value) || now.size !== size) return name;
  }
  for (const name of after.keys()) if (!before.has(name)) return name;
  return undefined;
}

/** Where the bytes are known, all is put back; else fields get back what they referred to. @returns Whether that is all. */
function undo(machine: RegisteredMachine, before: Fields, state: Uint8Array | undefined): boolean {
  const target = machine.instance as unknown as Record<string, unknown>;
  if (state && !restoresLater(machine)) {
    refusePromise(machine.name, 'restore', installMachine(machine, atOnce(decodeMachine(machine, state))));
    announceRestored(machine);
    return true;
  }
  for (const name of fieldsOf(machine).keys()) if (!before.has(name)) delete target[name];
  for (const [name, { value }] of before) target[name] = value;
  return [...before].every(([, { size, value }]) => sizeOf(value) === size);
}

function refusalOf(
  { name }: RegisteredMachine,
  operation: Operation,
  field: string,
  isUndone: boolean,
): DecoraftError {
  const what = field === '' ? 'the state' : `the field ${field}`;
  const end = isUndone
    ? 'it was put back'
    : 'this replica differs from the others now: mend the query and start the node anew';
  const words = `${name}.${operation.name} is a query, but changed ${what}: make it a @cmd, or work on a copy; ${end}`;
  return new DecoraftError('CommandRejected', words, {
    data: { machine: name, query: operation.name, field },
  });
}
