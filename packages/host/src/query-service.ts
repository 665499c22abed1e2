import type { Clock } from '@decoraft/base';
import {
  type Consistency,
  DecoraftError,
  decodeQuery,
  encodeReply,
  type QueryRequest,
} from '@decoraft/protocol';
import type { CallContext } from '@decoraft/rpc';
import type { HostSettings } from './ports.js';
import type { RaftNode } from './raft-node.js';
import { type ServedNode, startedNode } from './served-node.js';
import { within } from './within.js';

/** What a node has answered since it was started, by level. */
export interface ReadCounts extends Readonly<Record<Consistency, number>> {
  /** Session reads that found this node behind what their client had seen. */
  readonly behind: number;
}

export interface QueryServiceOptions extends ServedNode {
  readonly settings: HostSettings;
  readonly clock: Clock;
}

/**
 * Queries: answered by whichever node is asked, as soon as it is fresh enough for the level of the query. What is fresh
 * enough already is answered in the same turn.
 */
export class QueryService {
  readonly #options: QueryServiceOptions;
  readonly #counts = { local: 0, session: 0, lease: 0, linearizable: 0, behind: 0 };

  constructor(options: QueryServiceOptions) {
    this.#options = options;
  }

  get counts(): ReadCounts {
    return { ...this.#counts };
  }

  /** @throws DecoraftError whatever is wrong with the question, or with this node. */
  query(payload: Uint8Array, call: CallContext): Uint8Array | Promise<Uint8Array> {
    const node = startedNode(this.#options);
    const request = decodeQuery(payload);
    refuseOtherCluster(node, request);
    const fresh = this.#becomesFresh(node, request, call);
    if (!fresh && !node.whenRestored()) return this.#answer(node, request);
    return this.#answerLater(node, request, fresh, call);
  }

  async #answerLater(
    node: RaftNode,
    request: QueryRequest,
    fresh: Promise<void> | undefined,
    call: CallContext,
  ): Promise<Uint8Array> {
    await fresh;
    await node.whenRestored();
    startedNode(this.#options);
    // It may have waited for long: what nobody hears of need not be computed.
    if (!call.isAwaited) throw new DecoraftError('Cancelled', 'the caller waits no longer');
    return this.#answer(node, request);
  }

  #answer(node: RaftNode, request: QueryRequest): Uint8Array {
    this.#counts[request.consistency]++;
    const { cluster, leaderAddress, replica, state } = node;
    const head = { cluster, index: replica.appliedIndex, term: state.term };
    const outcome = replica.query(request);
    return encodeReply(
      leaderAddress === undefined ? { ...head, outcome } : { ...head, leaderAddress, outcome },
    );
  }

  /** Resolves when the node is fresh enough; `undefined` when it is. */
  #becomesFresh(node: RaftNode, request: QueryRequest, call: CallContext): Promise<void> | undefined {
    switch (request.consistency) {
      case 'local':
        return undefined;
      case 'session':
        return hasSeen(node, request) ? undefined : this.#catchUp(node, request, call);
      case 'lease':
        return linearize(node, request, 'lease');
      default:
        return linearize(node, request, 'round');
    }
  }

  /**
   * A node that is behind asks the leader, which brings it the news as well; when that takes long, another node may be
   * quicker. Every failure is the same to the client, who turns to the next one, but for what no node can mend.
   */
  async #catchUp(
    node: RaftNode,
    request: QueryRequest,
    { remainingMs = Infinity }: CallContext,
  ): Promise<void> {
    this.#counts.behind++;
    const { clock, settings } = this.#options;
    const waitMs = Math.min(settings.maxBehindMs, remainingMs);
    const work = linearize(node, request, 'round');
    try {
      await within(clock, waitMs, work, () => behind(node, request));
    } catch (thrown) {
      const { code } = DecoraftError.from(thrown);
      throw code === 'NoLeader' || code === 'NotLeader' ? behind(node, request, thrown) : thrown;
    }
  }
}

/**
 * Waits until the node has all that was acknowledged to anyone, and so all that the client has seen. A lease is only as
 * good as the clocks: what the client has seen is promised without them.
 *
 * @throws DecoraftError `ClusterMismatch` when the client has seen more than was ever committed here: no node will
 *   ever have that.
 */
async function linearize(node: RaftNode, request: QueryRequest, proof: 'round' | 'lease'): Promise<void> {
  await node.linearize(proof);
  if (hasSeen(node, request)) return;
  if (proof === 'lease') return linearize(node, request, 'round');
  const { minIndex } = request;
  const words = `the client has seen entry ${minIndex}, and this cluster has committed ${node.replica.appliedIndex}`;
  throw new DecoraftError('ClusterMismatch', `${words}: it was begun anew, or restored from a backup`);
}

function hasSeen({ replica }: RaftNode, { minIndex }: QueryRequest): boolean {
  return replica.appliedIndex >= minIndex;
}

/** Indexes that were seen in one cluster say nothing in another. */
function refuseOtherCluster(node: RaftNode, { cluster }: QueryRequest): void {
  if (cluster === 0 || cluster === node.cluster) return;
  const words = 'this node belongs to another cluster than the one that the client, or its token, has seen';
  throw new DecoraftError('ClusterMismatch', words);
}

function behind(
  { leaderAddress, replica }: RaftNode,
  { minIndex }: QueryRequest,
  cause?: unknown,
): DecoraftError {
  const words = `this node has applied ${replica.appliedIndex}, the client has seen ${minIndex}`;
  const data = leaderAddress === undefined ? {} : { leaderAddress };
  return new DecoraftError('Behind', words, { cause, data });
}
