import {
  type Clock,
  type Logger,
  type Random,
  silentLogger,
  systemClock,
  systemRandom,
} from '@decoraft/base';
import { type Cluster, connect } from '@decoraft/client';
import { DecoraftError } from '@decoraft/protocol';
import { ChannelPool, type Dialer } from '@decoraft/rpc';
import { heartbeatServiceName, REGISTRY } from '../names.js';
import type { Life, Silence } from '../records.js';
import { MemberRegistryClient } from '../registry/generated/member-registry.client.js';
import '../registry/generated/operations.js';
import { MemberRegistry } from '../registry/member-registry.machine.js';
import { Heartbeats } from './heartbeats.js';
import type { HostRaft, HostServer } from './hosts.js';
import { Vigil } from './vigil.js';

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
const BRING_BACK_TIMEOUT_MS = 3_000;

/**
 * A membership on one node of the group that keeps it: its machine, and the service that takes the beats. Attached to
 * all nodes of the group, before they start.
 */
export class Membership {
  readonly #options: Required<MembershipOptions>;
  readonly #server: HostServer;
  readonly #raft: HostRaft;
  readonly #registry = new MemberRegistry();
  readonly #channels: ChannelPool;
  readonly #vigil: Vigil;
  readonly #closing = new AbortController();
  /** To the own group, through the own server: what is proposed goes the way of everybody's commands. */
  #cluster: Promise<Cluster> | undefined;

  private constructor(server: HostServer, raft: HostRaft, options: MembershipOptions) {
    const { clock = systemClock, random = systemRandom, logger = silentLogger, transport } = options;
    this.#options = { clock, random, logger, transport };
    this.#server = server;
    this.#raft = raft;
    this.#channels = new ChannelPool({ clock, random, transport });
    const registry = this.#registry;
    const report = (term: number, silent: readonly Silence[]): Promise<void> => this.#report(term, silent);
    this.#vigil = new Vigil({ raft, registry, clock, logger, report });
    const heartbeats = new Heartbeats({
      raft,
      registry,
      vigil: this.#vigil,
      channels: this.#channels,
      bringBack: (term, life) => this.#bringBack(term, life),
    });
    raft.register(REGISTRY, registry);
    server.register(heartbeatServiceName(raft.group), heartbeats.service);
    this.#vigil.start();
  }

  /**
   * Registers the machine of the membership, under the name `membership`, and the service that takes the beats.
   *
   * @param server Where the group is reached; it need not listen yet.
   * @param raft The group that keeps it, before it is started.
   * @throws DecoraftError `InvalidArgument` when the group was started, or has a machine of that name.
   */
  static attach(server: HostServer, raft: HostRaft, options: MembershipOptions = {}): Promise<Membership> {
    return Promise.resolve().then(() => new Membership(server, raft, options));
  }

  /** Takes no beats any more. To be called before the group is closed; the members stay what they are. */
  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(new DecoraftError('Cancelled', 'the membership was closed on this node'));
    this.#vigil.close();
    this.#server.unregister(heartbeatServiceName(this.#raft.group));
    this.#channels.close();
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
      const signal = AbortSignal.any([isOver.signal, this.#closing.signal]);
      const client = await this.#client();
      await client.with({ timeoutMs: DECISION_TIMEOUT_MS, signal }).markOffline(term, silent);
    } finally {
      timer.cancel();
    }
  }

  async #bringBack(term: number, life: Life): Promise<void> {
    const client = await this.#client();
    const { signal } = this.#closing;
    await client.with({ timeoutMs: BRING_BACK_TIMEOUT_MS, signal }).markOnline(term, [life]);
  }

  async #client(): Promise<MemberRegistryClient> {
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
    return new MemberRegistryClient(await opening, REGISTRY);
  }
}
