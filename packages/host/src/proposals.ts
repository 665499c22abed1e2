import { createDeferred, type Deferred, plainMessage, unreachable } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import type { ConfigurationChangeRefusal, Raft } from '@decoraft/raft';
import { RpcError } from '@decoraft/rpc';
import type { Applied } from '@decoraft/state-machine';
import type { HostSettings } from './ports.js';

type ProposalLimits = Pick<HostSettings, 'maxPendingProposals' | 'maxPendingProposalBytes'>;

interface Waiting {
  readonly term: number;
  readonly bytes: number;
  readonly deferred: Deferred<Applied>;
}

/**
 * What a node proposes by itself may wait beside all that clients were let in with (`gate.ts`): their load neither keeps
 * it from its duties, nor do those grow without a limit.
 */
const OWN_COUNT = 1_024;
const OWN_BYTES = 8 * 1024 * 1024;

interface Queued {
  readonly data: Uint8Array;
  readonly deferred: Deferred<Applied>;
}

/**
 * Proposals of this node from the moment they are made until they are applied: first queued for the turn's batch,
 * then waiting at their index. Answered by the apply loop, and by nothing else.
 */
export class Proposals {
  readonly #maxCount: number;
  readonly #maxBytes: number;
  readonly #waiting = new Map<number, Waiting>();
  #queue: Queued[] = [];
  /** Of all that queue and wait. */
  #bytes = 0;

  constructor({ maxPendingProposalBytes, maxPendingProposals }: ProposalLimits) {
    this.#maxCount = maxPendingProposals + OWN_COUNT;
    this.#maxBytes = maxPendingProposalBytes + OWN_BYTES;
  }

  get hasQueued(): boolean {
    return this.#queue.length > 0;
  }

  /** Rejects with `NotLeader` or `Overloaded`; `data.appended` says whether the entry may be in a log. */
  add(data: Uint8Array): Promise<Applied> {
    const count = this.#queue.length + this.#waiting.size;
    if (count > 0 && (count >= this.#maxCount || this.#bytes + data.length > this.#maxBytes)) {
      const words = `${count} proposals of ${this.#bytes} bytes wait on this node: try again`;
      return Promise.reject(refusal('Overloaded', words));
    }
    this.#bytes += data.length;
    const deferred = createDeferred<Applied>();
    this.#queue.push({ data, deferred });
    return deferred.promise;
  }

  /** Hands all that queued up to the core in one batch. */
  flush(raft: Raft): void {
    const queue = this.#queue;
    this.#queue = [];
    const result = raft.propose(queue.map(({ data }) => data));
    if (!result.ok) {
      const error = refusalFor(result.reason);
      for (const { data, deferred } of queue) {
        this.#bytes -= data.length;
        deferred.reject(error);
      }
      return;
    }
    for (const [offset, { data, deferred }] of queue.entries()) {
      this.#waiting.set(result.firstIndex + offset, { term: result.term, bytes: data.length, deferred });
    }
  }

  /** Waits for an entry that the core has appended already. */
  wait(index: number, term: number): Promise<Applied> {
    const deferred = createDeferred<Applied>();
    this.#waiting.set(index, { term, bytes: 0, deferred });
    return deferred.promise;
  }

  /** A snapshot took the place of all entries up to `index`: what became of those that wait there is not known. */
  coveredBySnapshot(index: number): void {
    for (const [at, { bytes, deferred }] of this.#waiting) {
      if (at > index) continue;
      this.#waiting.delete(at);
      this.#bytes -= bytes;
      deferred.reject(appended('a snapshot from another leader took the place of the entry'));
    }
  }

  /** The entry at an index was applied: the one who waits there is answered, or learns that it lost its place. */
  settle(index: number, term: number, applied: Applied | undefined): void {
    const waiting = this.#waiting.get(index);
    if (!waiting) return;
    this.#waiting.delete(index);
    this.#bytes -= waiting.bytes;
    if (applied && waiting.term === term) waiting.deferred.resolve(applied);
    else waiting.deferred.reject(refusal('NotLeader', `another leader's entry took index ${index}`));
  }

  /** This node leads no more: what waits may or may not be applied by the next leader. */
  abandon(error = appended('this node lost leadership while the entry was under way')): void {
    for (const { deferred } of this.#queue)
      deferred.reject(refusal('NotLeader', 'this node lost leadership'));
    for (const { deferred } of this.#waiting.values()) deferred.reject(error);
    this.#queue = [];
    this.#waiting.clear();
    this.#bytes = 0;
  }
}

/** What the core's refusal means to the one who asked: nothing was appended. */
export function refusalFor(reason: ConfigurationChangeRefusal): DecoraftError {
  switch (reason) {
    case 'NotLeader':
    case 'Forwarded':
      return refusal('NotLeader', 'this node does not lead');
    case 'TransferInProgress':
      return refusal('NotLeader', 'this node is handing leadership over');
    case 'Overloaded':
      return refusal('Overloaded', 'too much waits for commitment');
    case 'ConfigurationChangePending':
    case 'Joint':
      return refusal('Overloaded', 'another change of the members is under way');
    case 'NotJoint':
      return new DecoraftError('InvalidArgument', 'there is no joint configuration to leave');
    default:
      return unreachable(reason);
  }
}

/** Certainly not in any log: a retry elsewhere is as good as the first try. */
export function refusal(
  code: 'NotLeader' | 'NoLeader' | 'Overloaded' | 'Unavailable',
  words: string,
): DecoraftError {
  return new DecoraftError(code, words, { data: { appended: false } });
}

/** What this server could not even send to the leader is in no log; whatever else went wrong stays as it is. */
export function notPassedOn(thrown: unknown): unknown {
  if (!(thrown instanceof RpcError) || thrown.sent) return thrown;
  const { code, retryAfterMs } = thrown;
  if (code !== 'Overloaded' && code !== 'Unavailable') return thrown;
  const data = { appended: false, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  return new DecoraftError(code, `the leader could not be asked: ${plainMessage(thrown)}`, {
    cause: thrown,
    data,
  });
}

function appended(words: string): DecoraftError {
  return new DecoraftError('NotLeader', words, { data: { appended: true } });
}

/** Ask the one who leads, if anybody knows. */
export function notLeader(node: { readonly leaderAddress: string | undefined }): DecoraftError {
  const { leaderAddress } = node;
  return new DecoraftError('NotLeader', `this node does not lead; ${leaderAddress ?? 'nobody known'} does`, {
    data: { appended: false, ...(leaderAddress === undefined ? {} : { leaderAddress }) },
  });
}

/** A node takes part when its log has begun, and it has joined, or was admitted. */
export function notStarted(): DecoraftError {
  return new DecoraftError('Unavailable', 'this node has not been bootstrapped yet');
}

export function closedError(): DecoraftError {
  return new DecoraftError('Unavailable', 'the node is closed', { data: { appended: false } });
}
