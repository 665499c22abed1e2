import {
  DecoraftError,
  encodeProposal,
  type MembersUpdate,
  type Proposal,
  stampProposal,
} from '@decoraft/protocol';
import {
  type Message,
  NOBODY,
  type NodeId,
  Raft,
  type RaftStatus,
  type ReadProof,
  type Ready,
  type SingleChange,
} from '@decoraft/raft';
import type { Applied, Replica } from '@decoraft/state-machine';
import { EventStreams } from './event-streams.js';
import type { GroupState } from './group-state.js';
import { LeadershipTransfer } from './leadership-transfer.js';
import { LogClock } from './log-clock.js';
import { fingerprintOf, type Members } from './members.js';
import { contextOf, Membership } from './membership.js';
import { coreOptionsOf, type NodeState, type RaftNodeOptions, readsOptionsOf } from './node-options.js';
import { Peers, type PeersOptions } from './peers.js';
import { closedError, Proposals, refusalFor } from './proposals.js';
import { Quiescence } from './quiescence.js';
import { ReadyLoop } from './ready-loop.js';
import { Reads } from './reads.js';
import type { SnapshotChunk } from './snapshot-chunk.js';
import { StateKeeping } from './state-keeping.js';
import { TimeKeeper } from './time-keeper.js';

/** One Raft server of one group: what it can be asked, and what it becomes. `ready-loop.ts` drives it. */
export class RaftNode {
  readonly id: NodeId;
  readonly disk: number;
  readonly events: EventStreams;
  readonly membership: Membership;
  readonly #options: RaftNodeOptions;
  readonly #group: GroupState;
  readonly #raft: Raft;
  readonly #peers: Peers;
  readonly #proposals: Proposals;
  readonly #reads: Reads;
  readonly #keeping: StateKeeping;
  readonly #loop: ReadyLoop;
  readonly #logClock: LogClock;
  readonly #timeKeeper: TimeKeeper;
  readonly #transfer: LeadershipTransfer;
  readonly #quiescence: Quiescence | undefined;
  #state: NodeState;
  #leaveTicker: (() => void) | undefined;
  #stopped = false;

  constructor(options: RaftNodeOptions) {
    const { group, log, ports, service, settings } = options;
    this.#options = options;
    this.id = options.id;
    this.disk = options.disk;
    this.#group = group;
    this.#state = { role: 'follower', leader: NOBODY, term: log.hardState().term };
    this.events = new EventStreams(group.replica, ports.soon);
    this.membership = new Membership(this, settings, ports.logger);
    this.#proposals = new Proposals(settings);
    this.#raft = new Raft(coreOptionsOf(options));
    const reader = { raft: this.#raft, node: this, flushSoon: () => this.#loop.turnSoon() };
    this.#reads = new Reads(readsOptionsOf(options), reader);
    const { channels, clock, logger } = ports;
    const { quiet: beats, sender } = options.shared;
    const electionMs = settings.electionTicks * settings.tickMs;
    const link: PeersOptions = {
      service,
      channels,
      sender,
      logger,
      addressOf: (to) => this.members.addressOf(to),
      address: (message) => {
        const { cluster, disk, id, members } = this;
        return { cluster, disk, reachedAt: members.addressOf(id) ?? options.address, message };
      },
    };
    this.#peers = new Peers(link);
    this.#keeping = new StateKeeping({
      node: options,
      server: this,
      raft: this.#raft,
      proposals: this.#proposals,
      reads: this.#reads,
      events: this.events,
      link,
      report: (to, outcome) => this.#loop.input(() => this.#raft.reportSnapshot(to, outcome)),
      onApplied: () => this.#loop.turnSoon(),
      onFatal: (error) => this.#fail(error),
    });
    this.#logClock = new LogClock(clock, () => this.replica.time);
    this.#timeKeeper = new TimeKeeper(this, this.#logClock, logger);
    const input = (act: () => void): void => this.#loop.input(act);
    this.#quiescence =
      beats &&
      new Quiescence({ service, address: options.address, node: this, raft: this.#raft, beats, input });
    this.#loop = new ReadyLoop({
      node: options,
      quiescence: this.#quiescence,
      raft: this.#raft,
      peers: this.#peers,
      proposals: this.#proposals,
      reads: this.#reads,
      keeping: this.#keeping,
      noteState: (ready) => this.#noteState(ready),
      onFatal: (error) => this.#fail(error),
    });
    this.#transfer = new LeadershipTransfer(this.#raft, clock, 2 * electionMs);
  }

  get state(): NodeState {
    return this.#state;
  }

  get replica(): Replica {
    return this.#group.replica;
  }

  get members(): Members {
    return this.#group.members;
  }

  get isLeader(): boolean {
    return this.#state.role === 'leader';
  }

  /** Whether the group rests here: it has nothing to do, and costs no message of its own. */
  get isQuiet(): boolean {
    return this.#raft.isQuiet;
  }

  /** The number that marks the messages of this cluster. */
  get cluster(): number {
    return fingerprintOf(this.members.clusterId || this.#options.clusterId);
  }

  /** Where the leader is reached; `undefined` while none is known. */
  get leaderAddress(): string | undefined {
    return this.members.addressOf(this.#state.leader);
  }

  status(): RaftStatus {
    return this.#raft.status();
  }

  start(): void {
    this.#quiescence?.start();
    this.#leaveTicker = this.#options.shared.ticker.join({
      tick: (count, at) => this.#tick(count, at),
      paused: (durationMs) => this.#paused(durationMs),
    });
    this.#loop.turnSoon();
  }

  /** Stops at once: what waits is told that the node is closed, or `why`. The log stays open; its owner closes it. */
  stop(why?: DecoraftError): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#loop.stop();
    this.#leaveTicker?.();
    this.#quiescence?.stop();
    this.#peers.close();
    this.#keeping.stop();
    const closed = new DecoraftError('Unavailable', 'the node was closed', { data: { appended: true } });
    this.#proposals.abandon(closed);
    this.#reads.close(why ?? closed);
    this.#enter({ role: 'follower', leader: NOBODY, term: this.#state.term });
  }

  step(message: Message): void {
    this.#loop.input(() => this.#raft.step(message));
  }

  /**
   * Appends an entry on the leader; resolves when it was applied here.
   *
   * Rejects with `NotLeader`, `Overloaded` or `Unavailable`; `data.appended` says whether the entry may be in a log.
   */
  propose(data: Uint8Array): Promise<Applied> {
    if (this.#stopped) return Promise.reject(closedError());
    const applied = this.#proposals.add(data);
    this.#loop.turnSoon();
    return applied;
  }

  /** {@link propose} of what a client asks for, at the time of {@link LogClock}. */
  proposeStamped(proposal: Uint8Array): Promise<Applied> {
    return this.propose(stampProposal(this.#logClock.now(), proposal));
  }

  /** {@link propose} of something that the leader sees to by itself. */
  proposeOwn(proposal: Proposal): Promise<Applied> {
    return this.proposeStamped(encodeProposal(proposal));
  }

  /**
   * Changes the configuration on the leader (§6); resolves when the change is in effect here, and when a joint
   * configuration that it needed was left again. Rejects as {@link propose}; with `Overloaded` while another change is
   * under way.
   */
  async change(changes: readonly SingleChange[], update: MembersUpdate): Promise<void> {
    if (this.#stopped) throw closedError();
    const change = { transition: 'auto', changes, context: contextOf(update) } as const;
    const result = this.#raft.proposeConfigurationChange(change);
    if (!result.ok) throw refusalFor(result.reason);
    this.#loop.turnSoon();
    await this.#proposals.wait(result.index, result.term);
    while (this.status().configuration.votersOutgoing.length > 0) await this.nextApplied();
  }

  /** Hands leadership over, to the voter that is furthest when none is named; resolves when this node leads no more. */
  async transferLeadership(to?: string): Promise<void> {
    if (this.#stopped) throw closedError();
    const ended = this.#transfer.begin(to);
    this.#loop.turnSoon();
    await ended;
  }

  /** Resolves when this node has applied all that was acknowledged to anyone before the call (thesis §6.4). */
  linearize(proof: ReadProof = 'round'): Promise<void> {
    return this.#reads.linearize(proof);
  }

  /** Resolves when `index` has been applied here. */
  waitApplied(index: number): Promise<void> {
    return this.#reads.waitApplied(index);
  }

  /** Resolves when one entry more has been applied here. */
  nextApplied(): Promise<void> {
    return this.waitApplied(this.replica.appliedIndex + 1);
  }

  /** Takes a snapshot now. @returns Its index; 0 when nothing was applied yet. */
  async takeSnapshot(): Promise<number> {
    if (this.#stopped) throw closedError();
    return this.#keeping.take();
  }

  /** While the state is being replaced by a snapshot it cannot be asked; `undefined` when it can be. */
  whenRestored(): Promise<void> | undefined {
    return this.#keeping.whenRestored();
  }

  /**
   * A piece of a snapshot from the leader. With the last one, the core is told.
   *
   * @returns How many bytes of it are here.
   * @throws DecoraftError `NotLeader` for one of an earlier term, `InvalidArgument`, `Unavailable`, `DiskFull`
   */
  async receiveSnapshot(chunk: SnapshotChunk): Promise<number> {
    if (this.#stopped) throw closedError();
    return this.#keeping.receive(chunk);
  }

  /** Only who leads makes up for lateness: its lease must not outlast the patience of the others. */
  #tick(count: number, at: number | undefined): void {
    // At rest ticks change nothing, but for those who wait here.
    if (this.isQuiet && !this.#reads.isAsking) return this.#timeKeeper.maybeAdvance();
    this.#loop.input(() => {
      for (let left = this.isLeader ? count : 1; left > 0; left--) {
        this.#raft.tick(at === undefined ? undefined : at - left + 1);
      }
      this.#reads.tick();
    });
    this.#timeKeeper.maybeAdvance();
  }

  #paused(durationMs: number): void {
    this.#options.ports.logger.log('warn', 'the process stood still', { durationMs: Math.round(durationMs) });
    this.#loop.input(() => this.#raft.paused());
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
    if (before.role === 'leader' && next.role !== 'leader') this.#resign();
    this.#reads.abandon();
    this.events.setLeading(next.role === 'leader');
    this.#options.onState(next, before);
  }

  #resign(): void {
    this.#proposals.abandon();
    this.#keeping.resign();
    this.#transfer.resigned();
  }

  #fail(error: unknown): void {
    if (this.#stopped) return;
    this.stop(error instanceof DecoraftError && error.code === 'Corrupted' ? error : undefined);
    this.#options.onFatal(error);
  }
}
