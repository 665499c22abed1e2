import type { Clock } from '@decoraft/base';
import { groupServiceName } from '@decoraft/protocol';
import type { RpcServer } from '@decoraft/rpc/server';
import {
  Health,
  HEALTH_SERVICE,
  type HealthStatus,
  type HostedMachine,
  Reflection,
  REFLECTION_SERVICE,
} from '@decoraft/service/standard';
import type { RaftService } from './raft-service.js';

export interface StandardServicesOptions {
  readonly server: RpcServer;
  /** The Raft groups of the server, as they are now. None when left out. */
  readonly groups?: () => Iterable<RaftService>;
  /** The machine's own when left out. */
  readonly clock?: Clock;
}

/**
 * Has a server tell how it is, under {@link HEALTH_SERVICE}. What is registered is serving; a Raft group, and each of its
 * machines, while this node takes part in it and knows its leader; the server as a whole while all its groups are.
 *
 * @returns By which more can be said: `set`, and `drain` before the server is closed.
 */
export function addHealth({ clock, groups = () => [], server }: StandardServicesOptions): Health {
  const health = new Health({
    statusOf: (service) => statusOf(service, server, [...groups()]),
    ...(clock && { clock }),
  });
  server.register(HEALTH_SERVICE, health);
  return health;
}

/** Has a server tell what is registered there, under {@link REFLECTION_SERVICE}. */
export function addReflection({ groups = () => [], server }: StandardServicesOptions): void {
  const machines = (): readonly HostedMachine[] =>
    [...groups()].flatMap(({ group, machines: hosted }) =>
      [...hosted].map(([name, machine]) => ({ name, group, machine })),
    );
  server.register(REFLECTION_SERVICE, new Reflection({ services: () => server.services(), machines }));
}

function statusOf(service: string, server: RpcServer, groups: readonly RaftService[]): HealthStatus {
  if (service === '') return serving(groups.every((raft) => raft.isServing));
  const own = groups.find(({ group }) => groupServiceName(group) === service);
  if (own) return serving(own.isServing);
  if (server.services().some(({ name }) => name === service)) return 'serving';
  const hosts = groups.filter(({ machines }) => machines.has(service));
  return hosts.length === 0 ? 'unknown' : serving(hosts.every((raft) => raft.isServing));
}

function serving(isServing: boolean): HealthStatus {
  return isServing ? 'serving' : 'not-serving';
}
