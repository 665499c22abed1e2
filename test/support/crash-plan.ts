import type { Random } from '@decoraft/base';

/** What happens in one round: which nodes are killed, and when. */
export interface CrashPlan {
  readonly victims: readonly string[];
  readonly moment:
    | { readonly kind: 'starting'; readonly afterMs: number }
    | { readonly kind: 'writing'; readonly afterCommands: number; readonly afterMs: number };
  /** What is acknowledged after the kill, where those that are left can: that far the victims fall behind. */
  readonly commandsBehind: number;
}

/** Starting takes a node about half a second: what it finds on its disk is read in the middle of it. */
const STARTING_MS = 600;
/** A kill does not wait for an acknowledgement. */
const WRITING_MS = 10;
const COMMANDS = 320;

/** One, two or all nodes, most often in the middle of writing. Equal for equal `random`. */
export function planCrash(random: Random, ids: readonly string[]): CrashPlan {
  const below = (limit: number): number => Math.floor(random() * limit);
  const count = 1 + below(ids.length);
  const victims = ids
    .map((id) => ({ id, place: random() }))
    .toSorted((left, right) => left.place - right.place)
    .slice(0, count)
    .map(({ id }) => id);
  const moment =
    below(6) === 0
      ? ({ kind: 'starting', afterMs: below(STARTING_MS) } as const)
      : ({
          kind: 'writing',
          afterCommands: 1 + below(COMMANDS),
          afterMs: below(WRITING_MS),
        } as const);
  return { victims, moment, commandsBehind: below(COMMANDS) };
}
