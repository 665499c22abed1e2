import { type Brand, stableHash } from '@decoraft/base';

/** A machine within its group: the stable hash of the name under which it is registered. */
export type MachineId = Brand<number, 'MachineId'>;
/** A method or event within its machine: the stable hash of its name. */
export type OperationId = Brand<number, 'OperationId'>;
/** A client's session: the log index of the entry that opened it. 0 is no session. */
export type SessionId = Brand<number, 'SessionId'>;
/** A subscription: the log index of the entry that registered it. */
export type SubscriptionId = Brand<number, 'SubscriptionId'>;
/** A timer of a machine: the how manieth that this machine has scheduled, from 1. Data: a machine keeps it in a field. */
export type TimerId = Brand<number, 'TimerId'>;

/** The machine that hosts the others. */
export const MASTER_MACHINE = 0 as MachineId;
/** The machine that knows members and subscriptions. */
export const CONFIGURATION_MACHINE = 1 as MachineId;

/** Under which name a group tells which machines it hosts. */
export const MASTER_NAME = 'decoraft.master';
/** Under which name a group tells its members, sessions, subscriptions and limits. */
export const CONFIGURATION_NAME = 'decoraft.configuration';

/** No machine of a user has one of these ids. */
export const isReservedMachine = (id: MachineId): boolean =>
  id === MASTER_MACHINE || id === CONFIGURATION_MACHINE;

export function machineId(name: string): MachineId {
  if (name === MASTER_NAME) return MASTER_MACHINE;
  return name === CONFIGURATION_NAME ? CONFIGURATION_MACHINE : (stableHash(name) as MachineId);
}
export const operationId = (name: string): OperationId => stableHash(name) as OperationId;

/** The RPC service of a Raft group is registered under this name. */
export const groupServiceName = (group: string): string => `decoraft.group.${group}`;

/** The group that a server hosts when nothing else is said. */
export const DEFAULT_GROUP = 'main';
