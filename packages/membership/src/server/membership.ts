import {
  type Clock,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@decoraft/base';
import { type Cluster, connect } from '@decoraft/client';
import type { BeatAnswer } from '../heartbeats/beat.js';
import { DecoraftError } from '@decoraft/protocol';
import type { Dialer } from '@decoraft/rpc';
import { HeartbeatsClient } from '../heartbeats/generated/heartbeats.client.js';
import '../heartbeats/generated/operations.js';
import { Heartbeats } from '../heartbeats/heartbeats.service.js';
import { Vigil } from '../heartbeats/vigil.js';
import { heartbeatServiceName, REGISTRY } from '../names.js';
import type { Life, Silence } from '../records.js';
import { MemberRegistryClient } from '../registry/generated/member-registry.client.js';
import '../registry/generated/operations.js';
import { MemberRegistry } from '../registry/member-registry.machine.js';
import type { HostRaft, HostServer } from '../heartbeats/hosts.js';

/** Options of {@link Membership.attach}; all have defaults. */
export interface MembershipOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** How nodes are reached, this one by itself among them; a WebSocket by default. */
  readonly transport?: Dialer | undefined;
}

/** So long it is tried to have the group agree: until then, or until this node leads no more, nobody knows the end. */
const DECISION_TIMEOUT_MS = 60 * 60 * 1_000;
/** A member tries again with its next beat. */
const BEAT_TIMEOUT_MS = 3_000;

/**
 * A membership on one node of the group that keeps it: its machine, and the service that takes the beats. Attached to
 * all nodes of the group, before they start.
 */
export class Membership {
  readonly #options: Required<MembershipOptions>;
  readonly #server: HostServer;
  readonly #raft: HostRaft;
  readonly #registry = new MemberRegistry();
  readonly #service: string;
  readonly #vigil: Vigil;
  readonly #closing = new AbortController();
  /** To the own group, through the own server: what is proposed goes the way of everybody's commands. */
  #cluster: Promise<Cluster> | undefined;

  private constructor(server: HostServer, raft: HostRaft, options: MembershipOptions) {
    const { clock = systemClock, random = systemRandom, logger = silentLogger, transport } = options;
    this.#options = { clock, random, logger, transport };
    this.#server = server;
    this.#raft = raft;
    this.#service = heartbeatServiceName(raft.group);
    const registry = this.#registry;
    const report = (term: number, silent: readonly Silence[]): Promise<void> => this.#report(term, silent);
    this.#vigil = new Vigil({ raft, registry, clock, logger, report });
    const heartbeats = new Heartbeats({
      raft,
      registry,
      vigil: this.#vigil,
      bringBack: (term, life) => this.#bringBack(term, life),
      passOn: (address, life) => this.#passOn(address, life),
    });
    raft.register(REGISTRY, registry);
    server.register(this.#service, heartbeats);
    this.#vigil.start();
  }

  /**
   * Registers the machine of the membership, under the name `membership`, and the service that takes the beats.
   *
   * @param server Where the group is reached; it need not listen yet.
   * @param raft The group that keeps it, before it is started.
   * @throws DecoraftError `InvalidArgument` when the group was started, or has a machine of that name.
   */
  static attach(server: HostServer, raft: HostRaft, options: MembershipOptions = {}): Membership {
    return new Membership(server, raft, options);
  }

  /** Takes no beats any more. To be called before the group is closed; the members stay what they are. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new DecoraftError('Cancelled', 'the membership was closed on this node'));
    this.#vigil.close();
    this.#server.unregister(this.#service);
    const cluster = await this.#cluster?.catch(() => undefined);
    await cluster?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * A proposal of this kind is held to its term by the machine; within the term it is tried until its end is known,
   * because a member that beats meanwhile must not be told that all is well.
   */
  async #report(term: number, silent: readonly Silence[]): Promise<void> {
    const { clock } = this.#options;
    const isOver = new AbortController();
    const check = (): void => {
      if (this.#raft.isLeader && this.#raft.term === term) timer = clock.after(100, check);
      else isOver.abort(new DecoraftError('NotLeader', `the term ${term} is over`));
    };
    let timer = clock.after(100, check);
    try {
      const client = await this.#client();
      const options = { timeoutMs: DECISION_TIMEOUT_MS, signal: isOver.signal };
      await client.with(options).markOffline(term, silent);
    } finally {
      timer.cancel();
    }
  }

  async #bringBack(term: number, life: Life): Promise<void> {
    const client = await this.#client();
    await client.with({ timeoutMs: BEAT_TIMEOUT_MS }).markOnline(term, [life]);
  }

  async #passOn(address: string, life: Life): Promise<BeatAnswer> {
    const cluster = await this.#connected();
    const options = { timeoutMs: BEAT_TIMEOUT_MS };
    return new HeartbeatsClient(cluster.node(address), this.#service, options).beatHere(life);
  }

  async #client(): Promise<MemberRegistryClient> {
    return new MemberRegistryClient(await this.#connected(), REGISTRY);
  }

  async #connected(): Promise<Cluster> {
    const { signal } = this.#closing;
    const { clock, logger, random, transport } = this.#options;
    signal.throwIfAborted();
    this.#cluster ??= connect([this.#server.address], {
      group: this.#raft.group,
      onSessionExpired: 'renew',
      clock,
      logger,
      random,
      signal,
      ...(transport && { transport }),
    });
    const opening = this.#cluster;
    opening.catch(() => {
      if (this.#cluster === opening) this.#cluster = undefined;
    });
    return opening;
  }
}
