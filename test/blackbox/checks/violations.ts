import { messageOf } from '@decoraft/base';
import type { Witness } from '../processes/journal.machine.js';
import type { Recorded } from '../processes/calls.js';
import {
  lessThanTokens,
  mustBeAppliedOnce,
  mustHappenOneAtATime,
  mustNotGoBack,
  outOfOrder,
  unexpectedErrors,
  untrueAnswers,
} from './calls-check.js';
import { eventFaults } from './events-check.js';
import type { Truth } from './truth.js';

/** So many of one kind are told; one is enough to look for. */
const SHOWN = 5;

export interface Evidence {
  readonly history: readonly Recorded[];
  readonly truth: Truth;
  readonly witnesses: readonly Witness[];
}

/** What does not hold of all that was promised, in words. */
export function violationsIn({ history, truth, witnesses }: Evidence): readonly string[] {
  const checks: readonly (() => readonly string[] | void)[] = [
    () => unexpectedErrors(history),
    () => mustBeAppliedOnce(history, witnesses),
    () => outOfOrder(witnesses),
    () => untrueAnswers(history, truth),
    () => lessThanTokens(history),
    () => eventFaults(history, truth),
    () => mustNotGoBack(history),
    () => mustHappenOneAtATime(history, truth),
  ];
  return checks.flatMap((check) => {
    try {
      const found = check() ?? [];
      const more = found.length - SHOWN;
      return more > 0 ? [...found.slice(0, SHOWN), `(and ${more} more like these)`] : found;
    } catch (broken) {
      return [messageOf(broken)];
    }
  });
}
