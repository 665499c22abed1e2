import { assertInvariant, type Timer, withFields } from '@decoraft/base';
import { DecoraftError, type MemberAddress, type SessionId } from '@decoraft/protocol';
import {
  configurationOf,
  type Entry,
  index,
  type LogStore,
  type Message,
  NOBODY,
  type NodeId,
  nodeId,
  Raft,
  type RaftStatus,
  type Ready,
  type SoftState,
} from '@decoraft/raft';
import type { Applied, Replica } from '@decoraft/state-machine';
import { type ClusterConfiguration } from './bootstrap.js';
import { EventStreams } from './event-streams.js';
import { Peers } from './peers.js';
import type { HostPorts, HostSettings } from './ports.js';
import { Proposals } from './proposals.js';
import { Reads } from './reads.js';

/** What a node tells about itself. */
export interface NodeState extends SoftState {
  readonly term: number;
}

export interface RaftNodeOptions {
  readonly id: NodeId;
  /** The RPC service of the group, on every server of it. */
  readonly service: number;
  readonly configuration: ClusterConfiguration;
  readonly replica: Replica;
  readonly settings: HostSettings;
  /** The node's own log; the node is its only writer. */
  readonly log: LogStore;
  readonly ports: HostPorts;
  /** Called when role, leader or term changed. */
  readonly onState: (state: NodeState, previous: NodeState) => void;
  /** Called once, when the node cannot go on; it has stopped then. */
  readonly onFatal: (error: unknown) => void;
}

/**
 * One Raft server of one group, driven: input → step → ready → { persist ∥ send } → advance → apply → reply. This
 * is the one place where that order is written.
 */
export class RaftNode {
  readonly replica: Replica;
  readonly events: EventStreams;
  readonly #options: RaftNodeOptions;
  readonly #raft: Raft;
  readonly #peers: Peers;
  readonly #proposals: Proposals;
  readonly #reads: Reads;
  /** Taken from the core and on their way to the disk, oldest first. */
  readonly #writing: Ready[] = [];
  #state: NodeState;
  #ticker: Timer | undefined;
  #pumpIsDue = false;
  #stopped = false;

  constructor(options: RaftNodeOptions) {
    const { configuration, id, log, ports, replica, service, settings } = options;
    this.#options = options;
    this.#state = { role: 'follower', leader: NOBODY, term: log.hardState().term };
    this.replica = replica;
    this.events = new EventStreams(replica);
    this.#proposals = new Proposals(settings.maxPendingProposals);
    this.#reads = new Reads(settings.maxPendingReads);
    // The first entry is the configuration that is given here.
    replica.skip(1);
    this.#raft = new Raft({
      id,
      log,
      applied: index(1),
      hardState: log.hardState(),
      configuration: configurationOf({ voters: configuration.members.map((member) => nodeId(member.id)) }),
      electionTicks: settings.electionTicks,
      heartbeatTicks: settings.heartbeatTicks,
      random: ports.random,
      logger: withFields(ports.logger, { node: id }),
    });
    this.#peers = new Peers({
      cluster: configuration.cluster,
      service,
      addresses: new Map(configuration.members.map((member) => [nodeId(member.id), member.address])),
      channels: ports.channels,
      logger: ports.logger,
    });
  }

  get state(): NodeState {
    return this.#state;
  }

  get isLeader(): boolean {
    return this.#state.role === 'leader';
  }

  get members(): readonly MemberAddress[] {
    return this.#options.configuration.members;
  }

  get cluster(): number {
    return this.#options.configuration.cluster;
  }

  /** Where the leader is reached; `undefined` while none is known. */
  get leaderAddress(): string | undefined {
    return this.#peers.addressOf(this.#state.leader);
  }

  status(): RaftStatus {
    return this.#raft.status();
  }

  start(): void {
    this.#tick();
    this.#pumpSoon();
  }

  /** Stops at once: what waits is told that the node is closed. The log stays open; its owner closes it. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#ticker?.cancel();
    this.#peers.close();
    const closed = new DecoraftError('Unavailable', 'the node was closed', { data: { appended: true } });
    this.#proposals.abandon(closed);
    this.#reads.close(closed);
    this.#enter({ role: 'follower', leader: NOBODY, term: this.#state.term });
  }

  step(message: Message): void {
    if (this.#stopped) return;
    this.#raft.step(message);
    this.#pumpSoon();
  }

  /**
   * Appends an entry on the leader; resolves when it was applied here.
   *
   * Rejects with `NotLeader`, `Overloaded` or `Unavailable`; `data.appended` says whether the entry may be in a log.
   */
  propose(data: Uint8Array): Promise<Applied> {
    if (this.#stopped) return Promise.reject(closedError());
    const applied = this.#proposals.add(data);
    this.#pumpSoon();
    return applied;
  }

  /** Resolves when this node has applied all that was acknowledged to anyone before the call (thesis §6.4). */
  async linearize(): Promise<void> {
    if (this.#stopped) throw closedError();
    const confirmed = this.#reads.readIndex();
    this.#pumpSoon();
    await this.waitApplied(await confirmed);
  }

  /** Resolves when `index` has been applied here. */
  async waitApplied(index: number): Promise<void> {
    if (this.#stopped) throw closedError();
    await this.#reads.waitApplied(index, this.replica.appliedIndex);
  }

  #tick(): void {
    const { ports, settings } = this.#options;
    this.#ticker = ports.clock.after(settings.tickMs, () => {
      this.#raft.tick();
      this.#pumpSoon();
      this.#tick();
    });
  }

  #pumpSoon(): void {
    if (this.#pumpIsDue || this.#stopped) return;
    this.#pumpIsDue = true;
    this.#options.ports.soon(() => {
      this.#pumpIsDue = false;
      this.#guard(() => this.#pump());
    });
  }

  /** One turn: what came in since the last one goes into the core together, what is ready leaves together. */
  #pump(): void {
    if (this.#stopped) return;
    if (this.#proposals.hasQueued) this.#proposals.flush(this.#raft);
    if (this.#reads.hasQueued) this.#reads.flush(this.#raft);
    if (!this.#raft.hasReady()) return;
    const ready = this.#raft.ready();
    this.#peers.send(ready.messages);
    this.#persist(ready);
    this.#noteState(ready);
    this.#apply(ready.committedEntries);
    this.#reads.confirm(ready.readStates);
    this.#pumpSoon();
  }

  #persist(ready: Ready): void {
    this.#writing.push(ready);
    const { entries, hardState } = ready;
    if (entries.length === 0 && !hardState) {
      if (this.#writing[0] === ready) this.#advance(ready);
      return;
    }
    this.#options.log.append(hardState ? { entries, hardState } : { entries }).then(
      () => this.#guard(() => this.#advance(ready)),
      (error: unknown) => this.#fail(error),
    );
  }

  /** A write is durable, and with it all that was taken before it and those behind it that had nothing to write. */
  #advance(written: Ready): void {
    if (this.#stopped) return;
    assertInvariant(
      this.#writing[0] === written,
      'writes become durable in the order in which they were made',
    );
    do {
      const ready = this.#writing.shift();
      if (!ready) break;
      this.#raft.advance(ready);
      this.#peers.send(ready.responses);
    } while (this.#writing[0] && hasNothingToWrite(this.#writing[0]));
    this.#pumpSoon();
  }

  #apply(entries: readonly Entry[]): void {
    const last = entries.at(-1);
    if (!last) return;
    const sessions = new Set<SessionId>();
    for (const entry of entries) {
      const applied = this.#applyOne(entry);
      this.#proposals.settle(entry.index, entry.term, applied);
      if (applied) for (const session of applied.sessionsWithEvents) sessions.add(session);
    }
    this.#raft.applied(last.index);
    this.#reads.advance(last.index);
    if (this.isLeader) this.events.wake(sessions);
  }

  /** Configurations and the empty entry that opens a term are Raft's own (§8). */
  #applyOne(entry: Entry): Applied | undefined {
    if (entry.kind === 'normal' && entry.data.length > 0) return this.replica.apply(entry);
    this.replica.skip(entry.index);
    return undefined;
  }

  #noteState({ hardState, softState }: Ready): void {
    this.#enter({
      role: softState?.role ?? this.#state.role,
      leader: softState?.leader ?? this.#state.leader,
      term: hardState?.term ?? this.#state.term,
    });
  }

  #enter(next: NodeState): void {
    const before = this.#state;
    if (next.role === before.role && next.leader === before.leader && next.term === before.term) return;
    this.#state = next;
    if (before.role === 'leader' && next.role !== 'leader') this.#proposals.abandon();
    this.#reads.abandon();
    this.events.setLeading(next.role === 'leader');
    this.#options.onState(next, before);
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop();
    this.#options.onFatal(error);
  }
}

function hasNothingToWrite({ entries, hardState }: Ready): boolean {
  return entries.length === 0 && !hardState;
}

function closedError(): DecoraftError {
  return new DecoraftError('Unavailable', 'the node is closed', { data: { appended: false } });
}
