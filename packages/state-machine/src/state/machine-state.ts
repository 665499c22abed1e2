import { plainMessage } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { isEvent } from '../event.js';
import type { StateMachine } from '../machine.js';
import { decodeState } from './decoder.js';
import { type DerivedFields, resetDerived } from './derived-fields.js';
import { encodeState } from './encoder.js';

/** A machine under its name, as far as its state goes. */
export interface NamedMachine {
  readonly name: string;
  readonly instance: StateMachine;
  readonly derived: DerivedFields;
}

type Fields = Record<string, unknown>;

/**
 * The bytes of a machine's state, by its own `snapshot()` or of its fields.
 *
 * @throws DecoraftError `InvalidArgument` that names the field of what is not data; `Internal` when the machine's
 * own `snapshot()` throws.
 */
export function encodeMachine({ name, instance, derived }: NamedMachine): Uint8Array {
  if (!instance.snapshot) return encodeState(fieldsOf(name, instance, derived.names), name);
  return encodeState(
    runHook(name, 'snapshot', () => instance.snapshot?.()),
    `${name}.snapshot()`,
  );
}

/**
 * The state of a machine from its bytes; nothing is changed yet.
 *
 * @throws DecoraftError `Corrupted` that names the machine.
 */
export function decodeMachine({ name, instance }: NamedMachine, part: Uint8Array): unknown {
  const state = decodePart(part, `machine ${name}`);
  if (!instance.restore) checkFields(name, instance, state);
  return state;
}

/** @throws DecoraftError `Corrupted` for bytes that are no state, with `owner` as its first word. */
export function decodePart(part: Uint8Array, owner: string): unknown {
  try {
    return decodeState(part);
  } catch (cause) {
    throw new DecoraftError('Corrupted', `the state of ${owner}: ${plainMessage(cause)}`, { cause });
  }
}

/**
 * Makes a machine what {@link decodeMachine} found. Fails only in the machine's own `restore()`.
 *
 * @throws DecoraftError `Internal`; the machine must not be used any more.
 */
export function installMachine({ name, instance, derived }: NamedMachine, state: unknown): void {
  if (instance.restore) return void runHook(name, 'restore', () => instance.restore?.(state));
  assignFields(instance, state as Readonly<Fields>, derived.names);
  resetDerived(instance, derived);
}

/** Tells a machine that all is restored. @throws DecoraftError `Internal`, as {@link installMachine} does. */
export function announceRestored({ name, instance }: NamedMachine): void {
  if (instance.restored) runHook(name, 'restored', () => instance.restored?.());
}

function runHook(name: string, hook: string, run: () => unknown): unknown {
  let result: unknown;
  try {
    result = run();
  } catch (cause) {
    throw new DecoraftError('Internal', `${name}.${hook}() threw: ${plainMessage(cause)}`, { cause });
  }
  if (result instanceof Promise) {
    throw new DecoraftError('Internal', `${name}.${hook}() gave a promise: it must be synchronous`);
  }
  return result;
}

/**
 * All own enumerable fields but the events and what is derived.
 *
 * @throws DecoraftError `InvalidArgument` for a field that could not be restored.
 */
function fieldsOf(name: string, instance: StateMachine, derived: ReadonlySet<string>): Readonly<Fields> {
  const fields: Fields = {};
  const refuse = (field: string, what: string): never => {
    throw new DecoraftError('InvalidArgument', `${name}.${field} ${what}`);
  };
  for (const symbol of Object.getOwnPropertySymbols(instance)) {
    if (Object.prototype.propertyIsEnumerable.call(instance, symbol)) {
      refuse(String(symbol), 'is named by a symbol, which is no data');
    }
  }
  for (const field of Object.keys(instance)) {
    if (derived.has(field)) continue;
    const property = Object.getOwnPropertyDescriptor(instance, field);
    if (isEvent(property?.value)) continue;
    if (!property?.writable || !property.configurable) refuse(field, 'is an accessor or read-only');
    if (typeof property?.value === 'function') {
      refuse(field, 'holds a function, which is no data: make it a method of the class');
    }
    if (isInherited(instance, field)) refuse(field, 'hides a member of the class: give it another name');
    fields[field] = property?.value;
  }
  if (!Object.isExtensible(instance)) refuse('constructor', 'gave a machine that is frozen');
  return fields;
}

/** What a state may not name: a field with the name of a method would take the method's place. */
function isInherited(instance: StateMachine, field: string): boolean {
  return field in (Object.getPrototypeOf(instance) as object);
}

function checkFields(
  name: string,
  instance: StateMachine,
  state: unknown,
): asserts state is Readonly<Fields> {
  const refuse = (what: string): never => {
    throw new DecoraftError('Corrupted', `the state of machine ${name} ${what}`);
  };
  const prototype: unknown = typeof state === 'object' && state !== null && Object.getPrototypeOf(state);
  if (prototype !== Object.prototype)
    refuse('is no plain object of fields: it came from a snapshot() of its own');
  for (const field of Object.keys(state as Fields)) {
    const current = Object.getOwnPropertyDescriptor(instance, field);
    if (isInherited(instance, field) || isEvent(current?.value))
      refuse(`has a field ${field}, which is a member`);
  }
}

/**
 * The instance stays the same object; its fields become those of `state`, in the same order. What has become derived
 * since the state was written is left out.
 */
function assignFields(instance: StateMachine, state: Readonly<Fields>, derived: ReadonlySet<string>): void {
  const target = instance as unknown as Fields;
  const stale = Object.keys(target).filter((field) => !derived.has(field) && !isEvent(target[field]));
  const fresh = Object.keys(state).filter((field) => !derived.has(field));
  // Deleting makes an object slow for ever: it is done only where the fields or their order differ.
  if (!isSameList(stale, fresh)) for (const field of stale) delete target[field];
  for (const field of fresh) target[field] = state[field];
}

function isSameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, at) => item === right[at]);
}
