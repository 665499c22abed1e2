import { DecoraftError } from './errors.js';

/**
 * How fresh an answer must be, the weakest first; each promises what those before it do.
 *
 * - `local`: whatever the node that answers has.
 * - `session`: nothing older than what its client has seen. Any node.
 * - `lease`: all that was acknowledged to anyone, as far as the clocks of the nodes can be trusted: the leader answers
 *   by itself. Where the cluster has not opted in (`settings.leaseReads`), it is `linearizable`.
 * - `linearizable`: all that was acknowledged to anyone before the question. The leader asks a majority whether it still
 *   leads (ReadIndex, thesis §6.4).
 */
export type Consistency = 'session' | 'linearizable' | 'lease' | 'local';

/** The levels, the weakest first. */
export const CONSISTENCIES: readonly Consistency[] = ['local', 'session', 'lease', 'linearizable'];

/** One byte on the wire; never renumbered. */
export const CONSISTENCY_CODE = {
  session: 0,
  linearizable: 1,
  local: 2,
  lease: 3,
} as const satisfies Record<Consistency, number>;

/** @throws DecoraftError `InvalidArgument` */
export function consistencyFrom(code: number): Consistency {
  const consistency = CONSISTENCIES.find((level) => CONSISTENCY_CODE[level] === code);
  if (consistency) return consistency;
  throw new DecoraftError('InvalidArgument', `no consistency has number ${code}`);
}

export function isConsistency(value: unknown): value is Consistency {
  return CONSISTENCIES.some((level) => level === value);
}

/** The one of two levels that promises more. */
export function strongerOf(one: Consistency, other: Consistency): Consistency {
  return CONSISTENCIES.indexOf(one) >= CONSISTENCIES.indexOf(other) ? one : other;
}
