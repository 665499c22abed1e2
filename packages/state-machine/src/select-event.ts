import { checkArguments, DecoraftError, type OperationId } from '@decoraft/protocol';
import type { StateMachine } from './machine.js';
import type { RegisteredMachine } from './registration.js';
import { subscriptionKey } from './subscriptions.js';

/** An event as somebody in the process of a replica names it. */
export interface EventSelection {
  /** A name, or what is registered under one. */
  readonly machine: string | StateMachine;
  readonly event: string;
  readonly parameters: readonly unknown[];
}

/**
 * The key of an event with its parameters, as those who subscribe to it have it.
 *
 * @throws DecoraftError `NotFound`, `Unimplemented` or `InvalidArgument`
 */
export function selectEvent(
  registered: Iterable<RegisteredMachine>,
  { event, machine, parameters }: EventSelection,
): string {
  if (typeof machine !== 'string' && (typeof machine !== 'object' || machine === null)) {
    throw new DecoraftError(
      'InvalidArgument',
      `observe needs a machine, or its name, not ${String(machine)}`,
    );
  }
  const found = [...registered].find(({ instance, name }) => name === machine || instance === machine);
  if (!found) {
    const words = typeof machine === 'string' ? machine : `of class ${machine.constructor.name}`;
    throw new DecoraftError('NotFound', `no machine ${words} is registered here`);
  }
  const { id, name, operations, types } = found;
  const operation = [...operations.values()].find((one) => one.kind === 'sub' && one.name === event);
  if (!operation) throw new DecoraftError('Unimplemented', `machine ${name} has no @sub ${event}`);
  checkArguments(operation, types, parameters, `${name}.${event}`);
  return subscriptionKey(id, operation.id as OperationId, parameters);
}
