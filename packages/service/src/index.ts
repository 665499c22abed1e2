/**
 * # Services
 *
 * Decorated classes as RPC services. Nothing is here yet.
 */
export type NothingYet = never;
