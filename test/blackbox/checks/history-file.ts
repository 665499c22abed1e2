import { readFile } from 'node:fs/promises';
import type { Moment } from '@decoraft/testing';
import type { Recorded } from '../processes/calls.js';

/**
 * The histories of all processes as one. Their clock is the same, and so fine that hardly two things happen at once; what
 * does counts as overlapping, which asks less of the order. Times are counted from `startedMs` of that clock.
 */
export async function readHistories(
  paths: readonly string[],
  startedMs: number,
): Promise<readonly Recorded[]> {
  const operations = (await Promise.all(paths.map(readHistory))).flat();
  const moments = operations.flatMap(({ invoked, outcome }) => [
    { moment: invoked, isEnd: 0 },
    ...(outcome.at ? [{ moment: outcome.at, isEnd: 1 }] : []),
  ]);
  moments.sort(
    (left, right) =>
      left.moment.atMs - right.moment.atMs ||
      left.isEnd - right.isEnd ||
      left.moment.sequence - right.moment.sequence,
  );
  const places = new Map<Moment, Moment>(
    moments.map(({ moment }, sequence) => [moment, { atMs: Math.round(moment.atMs - startedMs), sequence }]),
  );
  const placed = (moment: Moment): Moment => places.get(moment) ?? moment;
  return operations
    .map((operation): Recorded => ({
      ...operation,
      invoked: placed(operation.invoked),
      outcome: operation.outcome.at
        ? { ...operation.outcome, at: placed(operation.outcome.at) }
        : operation.outcome,
    }))
    .toSorted((left, right) => left.invoked.sequence - right.invoked.sequence)
    .map((operation, id) => ({ ...operation, id }));
}

async function readHistory(path: string): Promise<readonly Recorded[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Recorded);
}
