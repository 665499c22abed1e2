import type { DecoraftError } from '@decoraft/protocol';
import { notStarted } from './proposals.js';
import type { RaftNode } from './raft-node.js';

/** What the services of a server ask for whenever they are called: it comes after them, and may go before them. */
export interface ServedNode {
  /** The node, once its log has begun, while it serves. */
  readonly node: () => RaftNode | undefined;
  /** Why this server must not answer any more. */
  readonly outOfService: () => DecoraftError | undefined;
}

/** @throws DecoraftError why there is none: as this server says, or `Unavailable` before its log has begun. */
export function startedNode({ node, outOfService }: ServedNode): RaftNode {
  const started = node();
  if (!started) throw outOfService() ?? notStarted();
  return started;
}
