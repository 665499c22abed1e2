import { DecoraftError } from '@decoraft/protocol';
import type { JoinRequest } from '../records.js';
import type { MembershipState } from './state.js';

/** Members and groups that one membership holds; a member in more groups than this is none of ours either. */
export const MOST_MEMBERS = 10_000;
export const MOST_GROUPS = 10_000;
export const MOST_GROUPS_OF_MEMBER = 256;
/** Of an id, an address, and a group's name, in UTF-16 code units. */
const LONGEST_NAME = 256;
/** Of all keys and values together. */
const LARGEST_METADATA = 4_096;
export const LEAST_TIMEOUT_MS = 500;
export const MOST_TIMEOUT_MS = 24 * 60 * 60 * 1_000;

/** @throws DecoraftError `InvalidArgument` for what no member can be. */
export function checkJoin({ address, groups, id, metadata, timeoutMs }: JoinRequest): void {
  if (id !== undefined) checkName('the id', id);
  checkName('the address', address);
  if (groups.length > MOST_GROUPS_OF_MEMBER) {
    throw new DecoraftError(
      'InvalidArgument',
      `a member of ${groups.length} groups: ${MOST_GROUPS_OF_MEMBER} at most`,
    );
  }
  for (const group of groups) checkName('the name of a group', group);
  const size = Object.entries(metadata).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  if (size > LARGEST_METADATA) {
    throw new DecoraftError('InvalidArgument', `metadata of ${size} characters: ${LARGEST_METADATA} at most`);
  }
  if (timeoutMs >= LEAST_TIMEOUT_MS && timeoutMs <= MOST_TIMEOUT_MS) return;
  const words = `timeoutMs is ${timeoutMs}: from ${LEAST_TIMEOUT_MS} to ${MOST_TIMEOUT_MS}`;
  throw new DecoraftError('InvalidArgument', words);
}

/** @throws DecoraftError `InvalidArgument` */
export function checkName(what: string, name: string): void {
  if (name.length > 0 && name.length <= LONGEST_NAME) return;
  const words = name.length === 0 ? 'is empty' : `has ${name.length} characters: ${LONGEST_NAME} at most`;
  throw new DecoraftError('InvalidArgument', `${what} ${words}`);
}

/** @throws DecoraftError `Overloaded` where there is no room for one more member. */
export function checkRoomForMember({ members }: MembershipState): void {
  if (members.size < MOST_MEMBERS) return;
  throw new DecoraftError('Overloaded', `the membership holds ${MOST_MEMBERS} members already`);
}

/** @throws DecoraftError `Overloaded` where there is no room for those of `names` that are new. */
export function checkRoomForGroups({ groups }: MembershipState, names: readonly string[]): void {
  const added = new Set(names.filter((name) => !groups.has(name))).size;
  if (groups.size + added <= MOST_GROUPS) return;
  throw new DecoraftError('Overloaded', `the membership holds ${MOST_GROUPS} groups at most`);
}
