import type { Clock } from '@decoraft/base';
import type { DecoraftError } from '@decoraft/protocol';

/** `work`, or the error that `late` makes when `limitMs` have passed first. */
export async function within<Result>(
  clock: Clock,
  limitMs: number | undefined,
  work: Promise<Result>,
  late: () => DecoraftError,
): Promise<Result> {
  if (limitMs === undefined || !Number.isFinite(limitMs)) return work;
  return new Promise<Result>((resolve, reject) => {
    const timer = clock.after(limitMs, () => reject(late()));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
