/** Somebody whose beats are watched. */
export interface Watched {
  readonly id: string;
  readonly incarnation: number;
  readonly timeoutMs: number;
}

/** When a life of a member was heard of the last time. */
export interface LastSeen {
  readonly incarnation: number;
  readonly atMs: number;
}

/**
 * Those who were silent for longer than their timeout: a function of when each was seen last, and of now. Who was not
 * seen yet, or only in an earlier life, is given a full period before anybody calls it silent: that is its caller's to
 * begin, see {@link withFirstSight}.
 */
export function silentMembers<Member extends Watched>(
  watched: readonly Member[],
  lastSeen: ReadonlyMap<string, LastSeen>,
  nowMs: number,
): readonly Member[] {
  return watched.filter(({ id, incarnation, timeoutMs }) => {
    const seen = lastSeen.get(id);
    return seen?.incarnation === incarnation && nowMs - seen.atMs > timeoutMs;
  });
}

/** The times at which all who are watched were seen, now for those that never were; nothing about anybody else. */
export function withFirstSight(
  watched: readonly Watched[],
  lastSeen: ReadonlyMap<string, LastSeen>,
  nowMs: number,
): Map<string, LastSeen> {
  return new Map(
    watched.map(({ id, incarnation }) => {
      const seen = lastSeen.get(id);
      return [id, seen?.incarnation === incarnation ? seen : { incarnation, atMs: nowMs }];
    }),
  );
}
