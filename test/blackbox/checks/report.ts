import { isCommand, type Recorded } from '../processes/calls.js';

/** Operations by kind and end, a line each. */
export function describeOperations(history: readonly Recorded[]): readonly string[] {
  const counts = new Map<string, Map<string, number>>();
  for (const { input, outcome } of history) {
    const kind = input.kind === 'read' ? `read (${input.level})` : input.kind;
    const reason = input.kind === 'ended' ? input.code : undefined;
    const end = outcome.kind === 'returned' ? (reason ?? 'done') : `${outcome.kind}: ${outcome.reason}`;
    const ends = counts.get(kind) ?? new Map<string, number>();
    counts.set(kind, ends.set(end, (ends.get(end) ?? 0) + 1));
  }
  return [...counts].map(
    ([kind, ends]) => `  ${kind.padEnd(20)} ${[...ends].map(([end, count]) => `${count} ${end}`).join(', ')}`,
  );
}

/** The longest time, within the given one, in which no command of anybody was answered. */
export function longestSilence(
  history: readonly Recorded[],
  fromMs: number,
  untilMs: number,
): { readonly forMs: number; readonly sinceMs: number } {
  const answers = history
    .filter(isCommand)
    .flatMap(({ outcome }) => (outcome.kind === 'returned' ? [outcome.at.atMs] : []))
    .filter((atMs) => atMs > fromMs && atMs < untilMs)
    .toSorted((left, right) => left - right);
  let longest = { forMs: 0, sinceMs: fromMs };
  let sinceMs = fromMs;
  for (const atMs of [...answers, untilMs]) {
    if (atMs - sinceMs > longest.forMs) longest = { forMs: atMs - sinceMs, sinceMs };
    sinceMs = atMs;
  }
  return longest;
}
