/**
 * # Membership
 *
 * Who is there, in which groups, and who leads them. Nothing is here yet.
 */
export type NothingYet = never;
