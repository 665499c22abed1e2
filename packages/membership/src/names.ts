import { DEFAULT_GROUP } from '@decoraft/protocol';

/** The name under which the machine of a membership is registered in its Raft group. */
export const REGISTRY = 'membership';

/** The name of the service that takes the beats of a membership, by the Raft group in which it is kept. */
export function heartbeatServiceName(group: string): string {
  return group === DEFAULT_GROUP ? 'membership' : `membership:${group}`;
}
