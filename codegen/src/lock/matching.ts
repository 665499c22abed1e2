import { compareText } from '@decoraft/base';
import type { CurrentClass, LockedClass } from './lock.js';

/** A class of the lock and what has become of it; one of the two may be missing. */
export interface ClassPair {
  readonly before: LockedClass | undefined;
  readonly now: CurrentClass | undefined;
}

/**
 * Finds each class of a lock again: under its name in its file, under its name in another file, or under another name,
 * where a class is gone and a new one of its file has all of its commands and events, or one elsewhere all that it had.
 *
 * @param isGone Whether nothing of a file is left that this run did not read.
 */
export function matchClasses(
  before: readonly LockedClass[],
  now: readonly CurrentClass[],
  isGone: (source: string) => boolean,
): readonly ClassPair[] {
  const pairs = new Map<CurrentClass, LockedClass>();
  const match = (isSame: (was: LockedClass, current: CurrentClass) => boolean): void => {
    for (const current of now) {
      if (pairs.has(current)) continue;
      const found = before.find((was) => !isTaken(was) && was.kind === current.kind && isSame(was, current));
      if (found) pairs.set(current, found);
    }
  };
  const isTaken = (was: LockedClass): boolean => [...pairs.values()].includes(was);
  match((was, current) => was.name === current.name && was.source === current.source);
  match((was, current) => was.name === current.name && isGone(was.source));
  match((was, current) => was.source === current.source && hasAllOf(was, current));
  match((was, current) => isGone(was.source) && isAlike(was, current));
  return [
    ...now.map((current) => ({ before: pairs.get(current), now: current })),
    ...before
      .filter((was) => !isTaken(was) && isGone(was.source))
      .map((was) => ({ before: was, now: undefined })),
  ];
}

function hasAllOf(was: LockedClass, current: CurrentClass): boolean {
  const ids = new Set(current.operations.map(({ id }) => id));
  const lasting =
    was.kind === 'service' ? was.operations : was.operations.filter(({ kind }) => kind !== 'qry');
  return lasting.length > 0 && lasting.every(({ id }) => ids.has(id));
}

function isAlike(was: LockedClass, current: CurrentClass): boolean {
  return keyOf(was) === keyOf(current);
}

/** What a class is known by, whatever it is called. */
function keyOf({ operations, state }: LockedClass): string {
  const ids = operations.map(({ id }) => String(id)).toSorted(compareText);
  return JSON.stringify([ids, state.fields.map(({ name }) => name)]);
}

/**
 * The class that runs what a log holds of an older version: the class itself, or one that `previous()` leads to.
 * `undefined` where the way leads to a class that this run did not read.
 */
export function classForVersion(
  current: CurrentClass,
  version: number,
  all: readonly CurrentClass[],
): CurrentClass | undefined {
  let found = current;
  for (
    let steps = 0;
    found.version > version && found.previous !== undefined && steps < all.length;
    steps++
  ) {
    const { previous } = found;
    const next = all.find(({ kind, name }) => kind === 'machine' && name === previous);
    if (!next) return undefined;
    if (next.version < version) return found;
    found = next;
  }
  return found;
}
