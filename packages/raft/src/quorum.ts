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

/**
 * The highest number that a majority of each half has reached (§6): what a joint configuration decides, both halves
 * must decide.
 *
 * @param incoming What each voter of the incoming half has reached; all there is while not joint.
 * @param outgoing The same of the outgoing half. A half without voters decides nothing against the other.
 * @returns 0 when neither half has voters.
 */
export function jointCommitted(incoming: readonly number[], outgoing: readonly number[]): number {
  if (outgoing.length === 0) return majorityIndex(incoming);
  if (incoming.length === 0) return majorityIndex(outgoing);
  return Math.min(majorityIndex(incoming), majorityIndex(outgoing));
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

/**
 * How an election stands in which each half must be won (§6): lost as soon as one is. A half without voters decides
 * nothing against the other; without voters at all it is `lost`.
 */
export function jointVoteResult(
  incoming: readonly (boolean | undefined)[],
  outgoing: readonly (boolean | undefined)[],
): VoteResult {
  if (outgoing.length === 0) return voteResult(incoming);
  if (incoming.length === 0) return voteResult(outgoing);
  const halves = [voteResult(incoming), voteResult(outgoing)];
  if (halves.includes('lost')) return 'lost';
  return halves.includes('pending') ? 'pending' : 'won';
}
