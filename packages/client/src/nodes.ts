import { type Clock, createDeferred } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import type { Channel, ChannelPool } from '@decoraft/rpc';

/** How long an address that the cluster named but that cannot be reached from here is left alone. */
const UNREACHABLE_MS = 30_000;
/** The same of one that was configured, which is tried again and again aside. */
const UNREACHABLE_CONFIGURED_MS = 2_000;

/** How long a node that let a call wait for its whole time is passed over, as long as others can be asked. */
const SILENT_MS = 5_000;

/** How long the configured addresses are tried alone, before those that the cluster named are tried as well. */
const CONFIGURED_FIRST_MS = 500;

/** Addresses that the cluster named are kept up to this number. */
const LEARNED_LIMIT = 64;

type OnLeader = (address: string, previous: string | undefined) => void;

/** A node and the way to it. */
export interface Route {
  readonly address: string;
  readonly channel: Channel;
  /** The leader that is known and cannot be reached from here: this node is asked in its place, and passes on. */
  readonly insteadOf?: string;
}

/**
 * The nodes that a client knows, who of them leads, and which can be reached. A client behind one address (a
 * browser, a load balancer) works as well: what it cannot reach itself, that one address passes on.
 */
export class Nodes {
  readonly #configured: readonly string[];
  readonly #pool: ChannelPool;
  readonly #clock: Clock;
  readonly #onLeader: OnLeader | undefined;
  readonly #unreachableSinceMs = new Map<string, number>();
  /** Connected, but they did not answer: their processes may hang. */
  readonly #silentSinceMs = new Map<string, number>();
  /** Members that the cluster named last: tried when none of the configured addresses answers any more. */
  #learned: ReadonlySet<string> = new Set();
  #leader: string | undefined;
  /** The last one that was known, also when it is doubted by now. */
  #lastLeader: string | undefined;
  #turn = 0;

  /** @param onLeader Called when an answer tells of another leader than the last one known. */
  constructor(addresses: readonly string[], pool: ChannelPool, clock: Clock, onLeader?: OnLeader) {
    this.#configured = [...new Set(addresses)];
    this.#pool = pool;
    this.#clock = clock;
    this.#onLeader = onLeader;
  }

  /** Remembers who leads, as an answer told. */
  noteLeader(address: string | undefined): void {
    if (address === undefined) return;
    this.#leader = address;
    if (address !== this.#lastLeader) this.#changeLeader(address);
    // Every answer comes by here: what is known costs nothing.
    if (this.#configured.includes(address) || this.#learned.has(address)) return;
    this.noteMembers([...this.#learned, address]);
  }

  /** Remembers the members, as one of them named them, for the time when all that were configured are gone. */
  noteMembers(addresses: readonly string[]): void {
    this.#learned = new Set(
      addresses.filter((address) => !this.#configured.includes(address)).slice(-LEARNED_LIMIT),
    );
  }

  #changeLeader(address: string): void {
    const previous = this.#lastLeader;
    this.#lastLeader = address;
    this.#onLeader?.(address, previous);
  }

  /** Forgets a leader that did not answer as one. */
  doubtLeader(address: string): void {
    if (this.#leader === address) this.#leader = undefined;
  }

  /** Passes over a node for a while that did not answer in time. */
  noteSilent(address: string): void {
    this.#silentSinceMs.set(address, this.#clock.monotonicMs());
  }

  /** Whether some node can be asked without waiting for a connection. */
  get isConnected(): boolean {
    return [...this.#configured, ...this.#learned].some((address) => this.#openTo(address));
  }

  /** The leader, when it is known and connected: the common case, without waiting. */
  get connectedLeader(): Route | undefined {
    return this.#leader === undefined ? undefined : this.#openTo(this.#leader);
  }

  /** The leader when it is known and can be reached, else a node that passes on. */
  async toLeader(signal?: AbortSignal): Promise<Route> {
    const leader = this.#leader;
    if (leader === undefined) return this.toAny(signal);
    if (this.#isUnreachable(leader)) return this.#insteadOf(leader, signal);
    try {
      return await this.to(leader, signal);
    } catch {
      signal?.throwIfAborted();
      this.doubtLeader(leader);
      this.#unreachableSinceMs.set(leader, this.#clock.monotonicMs());
      return this.#insteadOf(leader, signal);
    }
  }

  async #insteadOf(leader: string, signal: AbortSignal | undefined): Promise<Route> {
    return { ...(await this.toAny(signal)), insteadOf: leader };
  }

  /** The next node in turn that is connected, or else the first that can be. */
  async toAny(signal?: AbortSignal): Promise<Route> {
    const inTurn = this.#inTurn();
    for (const address of inTurn) {
      const open = this.#openTo(address);
      if (open) return open;
      this.#connectAside(address);
    }
    const others = [...this.#learned];
    for (const address of others) {
      const open = this.#openTo(address);
      if (open) return open;
    }
    try {
      return await this.#anyOf(inTurn, others, signal);
    } catch (cause) {
      signal?.throwIfAborted();
      throw new DecoraftError('Unavailable', `none of ${inTurn.join(', ')} can be reached`, {
        cause: firstOf(cause),
        data: { appended: false },
      });
    }
  }

  /** The first that can be reached; the others are tried when that takes long, or when it was none. */
  async #anyOf(
    configured: readonly string[],
    others: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Route> {
    const reached = Promise.any(configured.map((address) => this.to(address, signal)));
    if (others.length === 0) return reached;
    const patience = createDeferred<void>();
    const timer = this.#clock.after(CONFIGURED_FIRST_MS, patience.resolve);
    const soon = await Promise.race([reached.catch(() => undefined), patience.promise]);
    timer.cancel();
    if (soon) return soon;
    signal?.throwIfAborted();
    return Promise.any([reached, ...others.map((address) => this.to(address, signal))]);
  }

  async to(address: string, signal?: AbortSignal): Promise<Route> {
    const channel = this.#pool.peek(address) ?? (await this.#pool.channel(address, signal ? { signal } : {}));
    this.#unreachableSinceMs.delete(address);
    return { address, channel };
  }

  /** The way to a node where no connection has to be waited for. */
  #openTo(address: string): Route | undefined {
    const channel = this.#pool.peek(address);
    return channel && { address, channel };
  }

  #isUnreachable(address: string): boolean {
    const sinceMs = this.#unreachableSinceMs.get(address);
    if (sinceMs === undefined) return false;
    const limitMs = this.#configured.includes(address) ? UNREACHABLE_CONFIGURED_MS : UNREACHABLE_MS;
    return this.#clock.monotonicMs() - sinceMs < limitMs;
  }

  #inTurn(): readonly string[] {
    const start = this.#turn++ % this.#configured.length;
    const inTurn = [...this.#configured.slice(start), ...this.#configured.slice(0, start)];
    if (this.#silentSinceMs.size === 0) return inTurn;
    return [
      ...inTurn.filter((address) => !this.#isSilent(address)),
      ...inTurn.filter((address) => this.#isSilent(address)),
    ];
  }

  #isSilent(address: string): boolean {
    const sinceMs = this.#silentSinceMs.get(address);
    if (sinceMs === undefined) return false;
    if (this.#clock.monotonicMs() - sinceMs < SILENT_MS) return true;
    this.#silentSinceMs.delete(address);
    return false;
  }

  #connectAside(address: string): void {
    this.to(address).catch(() => undefined);
  }
}

/** Of several reasons, the first. */
function firstOf(reason: unknown): unknown {
  return reason instanceof AggregateError ? firstOf(reason.errors[0]) : reason;
}
