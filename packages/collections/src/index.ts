/**
 * # Collections
 *
 * Ready-made machines. Nothing is here yet.
 */
export type NothingYet = never;
