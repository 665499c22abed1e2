/**
 * # Clients of the services that every node has
 *
 * For callers, also in a browser: nothing of a server is loaded with them.
 */
export { HealthClient } from './standard/generated/health.client.js';
export { ReflectionClient } from './standard/generated/reflection.client.js';
export type { HealthStatus } from './standard/health-status.js';
export { HEALTH_SERVICE, REFLECTION_SERVICE } from './standard/names.js';
export type * from './standard/reflected.js';
