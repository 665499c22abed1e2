/**
 * # The services that every node has
 *
 * How it is (`health.service.ts`), and what is registered there (`reflection.service.ts`): services as any user's, with
 * generated clients, which callers import from `@decoraft/service/client`. What they tell of is given to them: they know
 * no server.
 */
import './generated/operations.js';

export type { HealthStatus } from './health-status.js';
export { Health, type HealthOptions } from './health.service.js';
export { HEALTH_SERVICE, REFLECTION_SERVICE } from './names.js';
export type * from './reflected.js';
export { type HostedMachine, Reflection, type ReflectionOptions } from './reflection.service.js';
