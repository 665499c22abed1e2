import { DecoraftError, type Operation } from '@decoraft/protocol';
import type { RegisteredMachine } from './registration.js';

/**
 * What stands in a log already is replayed, and what was scheduled runs; but nobody begins anew.
 *
 * @throws DecoraftError `Unimplemented` when the operation is retired.
 */
export function refuseRetired(machine: Pick<RegisteredMachine, 'name'>, { name, retired }: Operation): void {
  if (retired !== true) return;
  throw new DecoraftError(
    'Unimplemented',
    `${name} of ${machine.name} is retired: it is replayed from old logs and takes no new calls`,
  );
}
