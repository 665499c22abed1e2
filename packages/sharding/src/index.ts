/**
 * # Sharding
 *
 * A key space over many groups. Nothing is here yet.
 */
export type NothingYet = never;
