/** How many of `count` voters are a majority (§5.2). */
export function majorityOf(count: number): number {
  return Math.floor(count / 2) + 1;
}

/**
 * The highest number that a majority of voters has reached: an index of the log (§5.3), or a heartbeat round.
 *
 * @param reached What each voter has reached; 0 for one that was not heard of.
 * @returns 0 for no voters: nobody decides anything.
 */
export function majorityIndex(reached: readonly number[]): number {
  const sorted = reached.toSorted((left, right) => right - left);
  return sorted[majorityOf(reached.length) - 1] ?? 0;
}

export type VoteResult = 'won' | 'lost' | 'pending';

/**
 * How an election stands.
 *
 * @param votes What each voter said; `undefined` for one that has not answered.
 * @returns `lost` as soon as the missing votes cannot win it any more, and for no voters.
 */
export function voteResult(votes: readonly (boolean | undefined)[]): VoteResult {
  if (votes.length === 0) return 'lost';
  let granted = 0;
  let missing = 0;
  for (const vote of votes) {
    if (vote === true) granted++;
    if (vote === undefined) missing++;
  }
  const needed = majorityOf(votes.length);
  if (granted >= needed) return 'won';
  return granted + missing >= needed ? 'pending' : 'lost';
}
