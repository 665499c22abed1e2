import { DecoraftError, isReservedMachine } from '@decoraft/protocol';
import type { StateMachine } from './machine.js';
import { inspectMachine, type RegisteredMachine } from './registration.js';

/**
 * Checks a machine of Decoraft itself, which shows what the replica knows anyway: what could change something, or be
 * notified, would be agreed on by nobody.
 *
 * @throws DecoraftError `InvalidArgument`
 */
export function inspectOwnMachine(name: string, instance: StateMachine): RegisteredMachine {
  const machine = inspectMachine(name, instance);
  if (!isReservedMachine(machine.id)) {
    throw new DecoraftError('InvalidArgument', `machine ${name} has no id that is kept for Decoraft itself`);
  }
  const other = [...machine.operations.values()].find(({ kind }) => kind !== 'qry');
  if (!other) return machine;
  throw new DecoraftError(
    'InvalidArgument',
    `${name}.${other.name} is a @${other.kind}: it may only have queries`,
  );
}
