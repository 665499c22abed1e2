import { createDeferred, type Random, type VirtualClock } from '@decoraft/base';
import {
  decodeProposal,
  DecoraftError,
  encodeReply,
  type ErrorCode,
  type Origin,
  type Outcome,
  type Reply,
} from '@decoraft/protocol';
import { type CallOptions, type Channel, encodeValue, RpcError } from '@decoraft/rpc';
import type { Nodes, Route } from '../../src/nodes.js';

const NO_BYTES = new Uint8Array(0);

/**
 * A group behind a network that loses questions and answers, delays them, and refuses: with the naive idea of what
 * replicas promise. Each command's argument stands for it in `applied`.
 */
export class LossyGroup {
  /** The arguments of all that was applied, in order. */
  readonly applied: string[] = [];
  readonly sessions = new Map<number, { last: number; acknowledged: number; replies: Map<number, Reply> }>();
  /** How much goes wrong, from 0 to 1. */
  trouble = 0;
  /** Answers that a session may leave unacknowledged. */
  repliesLimit = Infinity;
  /** So many of the next questions are lost, and nobody hears of it. */
  toLose = 0;
  /** Commands that came, whatever became of them. */
  received = 0;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  #index = 0;

  constructor(clock: VirtualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** As far as commands use it. */
  get nodes(): Nodes {
    const route: Route = { address: 'a:1', channel: { call: this.#call } as unknown as Channel };
    const find = async (): Promise<Route> => {
      await this.#after(this.#random() * 30);
      if (this.#happens()) throw new DecoraftError('Unavailable', 'x', { data: { appended: false } });
      return route;
    };
    const nodes: Partial<Nodes> = {
      noteLeader: () => undefined,
      doubtLeader: () => undefined,
      noteSilent: () => undefined,
      toAny: find,
      toLeader: find,
    };
    Object.defineProperty(nodes, 'connectedLeader', { get: () => (this.#happens() ? undefined : route) });
    return nodes as Nodes;
  }

  /** The group ends the sessions that it has. */
  expire(): void {
    this.sessions.clear();
  }

  readonly #call = async (
    _service: number,
    _method: number,
    payload: Uint8Array,
    { signal, timeoutMs = Infinity }: CallOptions = {},
  ): Promise<Uint8Array> => {
    if (!signal) return this.#exchange(payload, timeoutMs);
    const gone = createDeferred<never>();
    const abort = (): void => gone.reject(new RpcError('Cancelled', 'x', { sent: true }));
    signal.addEventListener('abort', abort);
    try {
      return await Promise.race([this.#exchange(payload, timeoutMs), gone.promise]);
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };

  async #exchange(payload: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    if (this.toLose > 0) {
      this.toLose--;
      await this.#after(timeoutMs);
      throw new RpcError('DeadlineExceeded', 'x', { sent: true });
    }
    if (this.#happens(0.3)) throw new RpcError('Unavailable', 'x', { sent: false });
    if (this.#happens(0.1)) return this.#comesLate(payload, timeoutMs);
    await this.#after(1);
    if (this.#happens(0.3)) throw refusal(this.#random);
    if (this.#happens(0.3)) throw new RpcError('Unavailable', 'lost on its way', { sent: true });
    const reply = this.#apply(payload);
    await this.#after(1);
    if (this.#happens(0.3)) throw new RpcError('Unavailable', 'its answer was lost', { sent: true });
    return encodeReply(reply);
  }

  /** Nobody waits for it any more when it arrives, perhaps; or it never does. */
  async #comesLate(payload: Uint8Array, timeoutMs: number): Promise<never> {
    if (this.#random() < 0.7) this.#clock.after(this.#random() * 5_000, () => void this.#apply(payload));
    await this.#after(timeoutMs);
    throw new RpcError('DeadlineExceeded', 'x', { sent: true });
  }

  #apply(payload: Uint8Array): Reply {
    const proposal = decodeProposal(payload);
    const reply = (outcome: Outcome): Reply => ({
      cluster: 1,
      index: ++this.#index,
      term: 1,
      outcome,
    });
    if (proposal.kind === 'open-session') {
      const opened = reply({ kind: 'value', value: NO_BYTES });
      this.sessions.set(opened.index, { last: 0, acknowledged: 0, replies: new Map() });
      return opened;
    }
    if (proposal.kind !== 'command') throw new Error(`${proposal.kind} is not for this group`);
    this.received++;
    return this.#once(proposal.origin, reply, () => {
      this.applied.push(new TextDecoder().decode(proposal.args));
      return reply({ kind: 'value', value: encodeValue(this.applied.length) });
    });
  }

  #once(origin: Origin, reply: (outcome: Outcome) => Reply, execute: () => Reply): Reply {
    const refused = (code: ErrorCode, data?: unknown): Reply =>
      reply({ kind: 'error', code, message: code, data: data === undefined ? NO_BYTES : encodeValue(data) });
    const session = this.sessions.get(origin.session);
    if (!session) return refused('SessionExpired');
    session.acknowledged = Math.max(session.acknowledged, origin.acknowledged);
    for (const sequence of session.replies.keys()) {
      if (sequence <= session.acknowledged) session.replies.delete(sequence);
    }
    const given = session.replies.get(origin.sequence);
    if (given) return given;
    if (origin.sequence <= session.acknowledged) return refused('InvalidArgument');
    if (origin.sequence - 1 > Math.max(session.last, session.acknowledged)) {
      return refused('Unavailable', { appended: false, outOfOrder: true });
    }
    if (session.replies.size >= this.repliesLimit) return refused('Overloaded', { appended: false });
    const answer = execute();
    session.replies.set(origin.sequence, answer);
    session.last = origin.sequence;
    return answer;
  }

  #happens(share = 1): boolean {
    return this.trouble > 0 && this.#random() < this.trouble * share;
  }

  #after(delayMs: number): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(delayMs, resolve));
  }
}

function refusal(random: Random): DecoraftError {
  const code = (['NotLeader', 'NoLeader', 'Overloaded', 'Unavailable'] as const)[Math.floor(random() * 4)];
  const retryAfterMs = random() < 0.3 ? { retryAfterMs: Math.floor(random() * 50) } : {};
  const hint = random() < 0.5 ? { leaderAddress: 'b:1' } : {};
  return new DecoraftError(code ?? 'NotLeader', 'x', { data: { appended: false, ...retryAfterMs, ...hint } });
}
