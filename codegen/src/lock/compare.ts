import { compareText } from '@decoraft/base';
import { compareOperations } from './compare-operations.js';
import { carriesOver, compareState } from './compare-state.js';
import type { CurrentClass, Lock, LockedClass } from './lock.js';
import { classForVersion, matchClasses } from './matching.js';
import { type Change, changeBy, VERDICTS } from './rules.js';

/**
 * Sorts all that has changed since a lock was written: what is worst comes first, then by name.
 *
 * @param lock Of the state that logs and clients know.
 * @param isGone Whether nothing of a file is left that this run did not read.
 */
export function compareWithLock(
  lock: Lock,
  now: readonly CurrentClass[],
  isGone: (source: string) => boolean,
): readonly Change[] {
  const changes = matchClasses(lock.classes, now, isGone).flatMap(({ before, now: current }) => {
    if (before && current) return compareClass(before, current, now);
    if (current) return [changeBy(`${current.kind}-added`, current.name, {})];
    return before ? [changeBy(`${before.kind}-removed`, before.name, {})] : [];
  });
  return changes.toSorted(
    (left, right) =>
      VERDICTS.indexOf(right.verdict) - VERDICTS.indexOf(left.verdict) ||
      compareText(left.subject, right.subject) ||
      compareText(left.rule, right.rule),
  );
}

function compareClass(
  before: LockedClass,
  current: CurrentClass,
  all: readonly CurrentClass[],
): readonly Change[] {
  const { kind, name } = current;
  const renamed =
    name === before.name ? [] : [changeBy(`${kind}-renamed`, name, { before: before.name, after: name })];
  const versions = { before: `version ${before.version}`, after: `version ${current.version}` };
  if (current.version < before.version) {
    return [...renamed, changeBy('version-lowered', name, versions)];
  }
  const raised = current.version > before.version ? [changeBy('version-raised', name, versions)] : [];
  const runs = classForVersion(current, before.version, all);
  if (runs === current) return [...renamed, ...raised, ...compareAtVersion(before, current, versions)];
  return [
    ...renamed,
    ...raised,
    ...compareOperations(before, current).map(superseded),
    ...(current.migrates || carriesOver(before, current) ? [] : [changeBy('migrate-missing', name, {})]),
    // Clients call the new class; what the old one must do is to run what logs hold.
    ...(runs
      ? compareAtVersion(before, runs, versions).filter(({ verdict }) => verdict === 'breaks the log')
      : []),
  ];
}

/** Where one class runs what logs hold and what clients call. */
function compareAtVersion(
  before: LockedClass,
  current: CurrentClass,
  versions: { readonly before: string; readonly after: string },
): readonly Change[] {
  // What previous() leads to is served by that: `oldestVersion` counts where there is none.
  const isServed = current.previous !== undefined || current.oldest <= before.version;
  return [
    ...(isServed ? [] : [changeBy('version-unserved', current.name, versions)]),
    ...compareOperations(before, current),
    ...(current.kind === 'machine' ? compareState(before, current) : []),
  ];
}

/** What would break the log breaks older clients only, where another class runs the log. */
function superseded(change: Change): Change {
  if (change.verdict !== 'breaks the log') return change;
  const { after, before, details, subject } = change;
  return changeBy('operation-superseded', subject, {
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    details,
  });
}
