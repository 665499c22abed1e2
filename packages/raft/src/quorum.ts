/** How many of `count` voters are a majority (§5.2). */
export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/**
 * The highest index that a majority of voters has (§5.3, §5.4.2): the majority's smallest when sorted from the
 * highest. 0 for no voters: nobody decides anything.
 */
export function committedIndex(matched: readonly number[]): number {
  if (matched.length === 0) return 0;
  const sorted = matched.toSorted((left, right) => right - left);
  return sorted[majorityOf(matched.length) - 1] ?? 0;
}

export type VoteResult = 'won' | 'lost' | 'pending';

/** The state of an election: `true` and `false` are votes cast, `undefined` is one that is missing. */
export function voteResult(votes: readonly (boolean | undefined)[]): VoteResult {
  const needed = majorityOf(votes.length);
  const granted = votes.filter((vote) => vote === true).length;
  const missing = votes.filter((vote) => vote === undefined).length;
  if (votes.length === 0) return 'lost';
  if (granted >= needed) return 'won';
  return granted + missing >= needed ? 'pending' : 'lost';
}
