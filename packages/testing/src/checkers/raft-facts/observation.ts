import type { HardState, LogReader, RaftStatus } from '@decoraft/raft';

/** A running node as it is after a step: taken after every one, before anything else happens. */
export interface NodeObservation {
  readonly id: string;
  /** Which life of the node this is: grows by one with every start of its process. */
  readonly life: number;
  readonly status: Pick<RaftStatus, 'role' | 'term' | 'vote' | 'commit' | 'applied' | 'lastIndex'>;
  /** The node's log store. */
  readonly log: LogReader;
  /** `raft.hasReady()`: the core may have more, or other, entries than the store. Then the log is not looked at. */
  readonly hasReady: boolean;
  /**
   * What would be there if the machine lost power now, if the observer can tell; what the log store shows may be newer
   * than that. Without it, what was sent stands for what must be durable.
   */
  readonly durable?: HardState;
}

/** For a report: `n1 (leader, term 3, life 1)`. */
export function describeNode({ id, life, status }: NodeObservation): string {
  return `${id} (${status.role}, term ${status.term}, life ${life})`;
}
