/**
 * # The services that every node has, and the machines that every group has
 *
 * How a node is (`health.service.ts`), and what is registered there (`reflection.service.ts`): services as any user's. Which
 * machines a group hosts (`master.machine.ts`), and who belongs to it, with what it keeps for its clients
 * (`configuration.machine.ts`): machines as any user's, but without state. All have generated clients, which callers
 * import from `@decoraft/service/client`. What they tell of is given to them: they know no server and no group.
 */
import './generated/operations.js';

export { Configuration, type KnownGroup, type KnownReplica } from './configuration.machine.js';
export type * from './group-records.js';
export type { HealthStatus } from './health-status.js';
export { Health, type HealthOptions } from './health.service.js';
export { type KnownMachine, Master } from './master.machine.js';
export { HEALTH_SERVICE, REFLECTION_SERVICE } from './names.js';
export type * from './reflected.js';
export { type HostedMachine, Reflection, type ReflectionOptions } from './reflection.service.js';
