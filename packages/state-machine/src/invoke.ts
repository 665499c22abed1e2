import { messageOf, withoutBindings } from '@decoraft/base';
import { DecoraftError, type Operation } from '@decoraft/protocol';
import type { RegisteredMachine } from './registration.js';

type Method = (...args: readonly unknown[]) => unknown;

/** The method or event of a machine that an operation names. */
export function memberOf({ instance }: RegisteredMachine, { name }: Pick<Operation, 'name'>): unknown {
  return (instance as unknown as Record<string, unknown>)[name];
}

/**
 * Calls the user's method. What it throws becomes an error with the user's words, code and data.
 *
 * @throws DecoraftError `CommandRejected`, also when it gives a promise: there is no later in an entry.
 */
export function invoke(machine: RegisteredMachine, operation: Operation, args: readonly unknown[]): unknown {
  // Called by its own name, and named by that which all replicas know.
  const { name } = machine.operations.get(operation.id) ?? operation;
  return call(machine, { name, shown: operation.name }, args, `a @${operation.kind}`);
}

/** As {@link invoke}, a method that Decoraft calls by itself. */
export function invokeHook(machine: RegisteredMachine, name: 'sessionEnded', args: readonly unknown[]): void {
  call(machine, { name, shown: name }, args, 'it');
}

interface MethodName {
  readonly name: string;
  /** In messages. */
  readonly shown: string;
}

function call(
  machine: RegisteredMachine,
  { name, shown }: MethodName,
  args: readonly unknown[],
  what: string,
): unknown {
  const where = `${machine.name}.${shown}`;
  const result = attempt(machine, name, args, where);
  if (!isThenable(result)) return result;
  throw new DecoraftError('CommandRejected', `${where} returned a promise: ${what} must be synchronous`);
}

function attempt(machine: RegisteredMachine, name: string, args: readonly unknown[], where: string): unknown {
  try {
    const method = memberOf(machine, { name }) as Method;
    return withoutBindings(where, () => method.apply(machine.instance, args as unknown[]));
  } catch (thrown) {
    throw new DecoraftError('CommandRejected', `${where}: ${messageOf(thrown)}`, {
      cause: thrown,
      data: dataOf(thrown),
    });
  }
}

/** The parts of a thrown error that the caller may read: its message, and `code` and `data` where it has them. */
function dataOf(thrown: unknown): Readonly<Record<string, unknown>> {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { code, data } = thrown as { code?: unknown; data?: unknown };
  return {
    message: thrown.message,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(data === undefined ? {} : { data }),
  };
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
