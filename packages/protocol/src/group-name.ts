import { DecoraftError } from './errors.js';

/** A directory and a service are named after a group: no capitals, because some file systems do not tell them apart. */
const GROUP_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/**
 * @param name What somebody calls a Raft group.
 * @returns It, unless it can be none.
 * @throws DecoraftError `InvalidArgument` that names it.
 */
export function checkGroupName(name: unknown): string {
  if (typeof name === 'string' && GROUP_NAME.test(name)) return name;
  const rule =
    'at most 64 small letters, digits, dashes and underscores, a letter or a digit first: a directory has its name';
  throw new DecoraftError('InvalidArgument', `${JSON.stringify(name)} is no name of a group: ${rule}`);
}
