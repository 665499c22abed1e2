import {
  type Clock,
  CURRENT_MEMBER,
  EventEmitter,
  systemClock,
  tell,
  type Timer,
  unreachable,
} from '@decoraft/base';
import type { Cluster } from '@decoraft/client';
import type { BeatAnswer } from './heartbeats/beat.js';
import { MemberLease } from './heartbeats/lease.js';
import { MemberBeats } from './heartbeats/member-beats.js';
import { REGISTRY } from './names.js';
import type { JoinRequest, Life, MembershipAnswer } from './records.js';
import { MemberRegistryClient } from './registry/generated/member-registry.client.js';

/** What a process says of itself when it joins. */
export interface MemberOptions {
  /** Where others reach it, in whatever form they understand; at most 256 characters. */
  readonly address: string;
  /** Groups to be in from the first moment on; created where they are missing. None by default. */
  readonly groups?: readonly string[];
  /** What others should know of it; at most 4,096 characters in all. */
  readonly metadata?: Readonly<Record<string, string>>;
  /**
   * The name under which it comes back after a restart; at most 256 characters. One that nobody has is drawn when none is
   * given. Who joins under the id of somebody who is there takes its place at once: that one ends as `replaced`.
   */
  readonly id?: string;
  /**
   * After so many milliseconds without a beat it is taken offline; 5,000 by default, from 500 to 86,400,000. Five beats
   * are sent in that time.
   */
  readonly timeoutMs?: number;
  /** Gives up joining. Means nothing afterwards. */
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

/** Why a member is none any more, or none that beats. */
export type MemberEnd =
  /** {@link Member.leave} was called. */
  | 'left'
  /** {@link Member.close} was called, or the connection to the cluster was closed: it will be taken offline. */
  | 'closed'
  /** Somebody joined under the same id. */
  | 'replaced'
  /** Somebody else had it leave. */
  | 'removed';

/** What happens to a member, as events on it. An error that a listener throws surfaces as an uncaught one. */
export interface MemberEvents {
  /** The lease has run out: it may have been taken offline, or will be soon. Whatever only a member may do has to stop. */
  leaseExpired: () => void;
  /** It has learned that it was taken offline, when `version` began at the latest. */
  offline: (change: { readonly version: number }) => void;
  /** It is online again since `version`. */
  online: (change: { readonly version: number }) => void;
  /** It is over, for this life of the member. */
  ended: (end: { readonly reason: MemberEnd }) => void;
}

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * This process as a member: it beats from {@link Member.join} on, until it leaves or is closed. Any process that has a
 * client can be one; a process may be several.
 */
export class Member extends EventEmitter<MemberEvents> {
  readonly id: string;
  readonly address: string;
  /** Of this life of the member: greater than that of every life before it, so it serves as a fencing token. */
  readonly incarnation: number;
  /** Until when this process may believe that it is an online member. */
  readonly lease: MemberLease;
  readonly #registry: MemberRegistryClient;
  readonly #beats: MemberBeats;
  readonly #clock: Clock;
  #version: number;
  #onlineVersion: number;
  #end: MemberEnd | undefined;
  #leaseTimer: Timer | undefined;
  #leaving: Promise<MembershipAnswer> | undefined;

  private constructor(
    cluster: Cluster,
    { address, clock, lease, life, onlineVersion, timeoutMs, version }: Joined,
  ) {
    super();
    this.id = life.id;
    this.address = address;
    this.incarnation = life.incarnation;
    this.lease = lease;
    this.#clock = clock;
    this.#registry = new MemberRegistryClient(cluster, REGISTRY);
    this.#version = version;
    this.#onlineVersion = onlineVersion;
    this.#beats = new MemberBeats({
      cluster,
      clock,
      lease,
      life,
      timeoutMs,
      onAnswer: (answer) => this.#answered(answer),
      onCancelled: () => this.#finish('closed'),
    });
    this.#watchLease();
    this.#beats.start();
  }

  /**
   * Becomes a member, and begins to beat.
   *
   * @param cluster From `connect`, to the group that keeps the membership; it has to stay open.
   * @throws DecoraftError `CommandRejected`, with `data.code` `InvalidArgument` for what no member can be, and
   *   `Overloaded` when the membership is full; `NotFound` when the nodes keep none; what every command throws.
   */
  static async join(cluster: Cluster, options: MemberOptions): Promise<Member> {
    const { address, clock = systemClock, groups = [], id, metadata = {}, signal } = options;
    const { timeoutMs = DEFAULT_TIMEOUT_MS } = options;
    const request: JoinRequest = { address, groups, metadata, timeoutMs, ...(id !== undefined && { id }) };
    const lease = new MemberLease(clock, timeoutMs);
    const sent = lease.moment();
    const registry = new MemberRegistryClient(cluster, REGISTRY, signal ? { signal } : {});
    const { member, version } = await registry.join(request);
    lease.renew(sent);
    const life = { id: member.id, incarnation: member.incarnation };
    const { onlineVersion } = member;
    return new Member(cluster, { address, clock, lease, life, onlineVersion, timeoutMs, version });
  }

  /** The membership's version that this member has heard of. */
  get version(): number {
    return this.#version;
  }

  /** Since which version it is online, as far as it has heard: what others heard of it before is no news to it. */
  get onlineVersion(): number {
    return this.#onlineVersion;
  }

  /** Why it is over; `undefined` while it beats. */
  get end(): MemberEnd | undefined {
    return this.#end;
  }

  /**
   * Of no effect where it is in the group, which is created where it is missing.
   *
   * @throws DecoraftError `CommandRejected`, with `data.code` `NotFound` when this life of the member is over,
   *   `InvalidArgument` for what is no name, `Overloaded` beyond 256 groups of one member or 10,000 in all.
   */
  async joinGroup(group: string): Promise<MembershipAnswer> {
    return this.#noted(await this.#registry.joinGroup(this.#life, group));
  }

  /** Of no effect where it is not in the group. Errors as {@link joinGroup}. */
  async leaveGroup(group: string): Promise<MembershipAnswer> {
    return this.#noted(await this.#registry.leaveGroup(this.#life, group));
  }

  /** Calls what is done for this member: `CURRENT_MEMBER` is its id in there, as it is in its listeners. */
  run<Result>(callback: () => Result): Result {
    return CURRENT_MEMBER.run(this.id, callback);
  }

  /**
   * Is no member any more: others hear that it has left. Stops beating in any case; may be called again where it failed.
   *
   * @throws DecoraftError what every command throws.
   */
  async leave(): Promise<void> {
    if (this.#end === 'replaced' || this.#end === 'removed') return;
    this.#finish('left');
    this.#leaving ??= this.#registry.leave(this.id, this.incarnation);
    try {
      this.#noted(await this.#leaving);
    } catch (thrown) {
      this.#leaving = undefined;
      throw thrown;
    }
  }

  /** Stops beating, without a word: it will be taken offline, and stays a member that may come back. */
  close(): Promise<void> {
    this.#finish('closed');
    return Promise.resolve();
  }

  /** Leaves at the end of the block. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  get #life(): Life {
    return { id: this.id, incarnation: this.incarnation };
  }

  #noted(answer: MembershipAnswer): MembershipAnswer {
    this.#version = Math.max(this.#version, answer.version);
    return answer;
  }

  #answered(answer: BeatAnswer): void {
    if (this.#end !== undefined) return;
    this.#version = Math.max(this.#version, answer.version);
    switch (answer.kind) {
      case 'heard':
        return this.#heard(answer.onlineVersion);
      case 'replaced':
        return this.#finish('replaced');
      case 'gone':
        return this.#finish('removed');
      default:
        return unreachable(answer);
    }
  }

  #heard(onlineVersion: number): void {
    this.#watchLease();
    if (onlineVersion <= this.#onlineVersion) return;
    this.#onlineVersion = onlineVersion;
    this.#tell(() => this.emit('offline', { version: onlineVersion - 1 }));
    this.#tell(() => this.emit('online', { version: onlineVersion }));
  }

  #watchLease(): void {
    this.#leaseTimer?.cancel();
    if (!this.lease.isValid) return;
    this.#leaseTimer = this.#clock.after(this.lease.remainingMs, () => {
      if (this.lease.isValid) this.#watchLease();
      else this.#tell(() => this.emit('leaseExpired'));
    });
  }

  #tell(emit: () => void): void {
    tell(() => this.run(emit));
  }

  #finish(reason: MemberEnd): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#beats.close();
    this.#leaseTimer?.cancel();
    this.lease.end();
    this.#tell(() => this.emit('ended', { reason }));
  }
}

interface Joined {
  readonly address: string;
  readonly clock: Clock;
  readonly lease: MemberLease;
  readonly life: Life;
  readonly onlineVersion: number;
  readonly timeoutMs: number;
  readonly version: number;
}
