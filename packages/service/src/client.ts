/**
 * # Clients of the services that every node has, and of the machines that every group has
 *
 * For callers, also in a browser: nothing of a server is loaded with them.
 */
export { CONFIGURATION_NAME, type GroupLimits, type GroupMember, MASTER_NAME } from '@decoraft/protocol';
export { ConfigurationClient } from './standard/generated/configuration.client.js';
export type * from './standard/group-records.js';
export { HealthClient } from './standard/generated/health.client.js';
export { MasterClient } from './standard/generated/master.client.js';
export { ReflectionClient } from './standard/generated/reflection.client.js';
export type { HealthStatus } from './standard/health-status.js';
export { HEALTH_SERVICE, REFLECTION_SERVICE } from './standard/names.js';
export type * from './standard/reflected.js';
