import { CONFIGURATION_NAME, type GroupMember, MASTER_NAME } from '@decoraft/protocol';
import { Configuration, Master } from '@decoraft/service/standard';
import type { Replica } from '@decoraft/state-machine';

/** Has a group tell which machines it hosts, and who belongs to it: through queries, as all else that was agreed on. */
export function addStandardMachines(replica: Replica, members: () => readonly GroupMember[]): void {
  const { machines } = replica;
  machines.registerOwn(MASTER_NAME, new Master(() => machines.registered()));
  machines.registerOwn(CONFIGURATION_NAME, new Configuration({ replica, members }));
}
