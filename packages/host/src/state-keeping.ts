import { messageOf } from '@decoraft/base';
import { DecoraftError, type Proposal, type StateHashesProposal } from '@decoraft/protocol';
import type { Entry, InstallSnapshotRequest, NodeId, Raft, SnapshotMetadata } from '@decoraft/raft';
import type {
  Diverged,
  Effect,
  MachineAgreed,
  MigrationFailed,
  SessionEndFailed,
  TimerFailed,
} from '@decoraft/state-machine';
import { ApplyLoop } from './apply-loop.js';
import type { EventStreams } from './event-streams.js';
import { idsOf } from './members.js';
import type { RaftNodeOptions } from './node-options.js';
import type { PeersOptions } from './peers.js';
import { notLeader, type Proposals } from './proposals.js';
import type { Reads } from './reads.js';
import type { SnapshotChunk } from './snapshot-chunk.js';
import { SnapshotExchange } from './snapshot-exchange.js';
import { Snapshots } from './snapshots.js';
import { StateChecker } from './state-checker.js';
import { tellLeader } from './telling.js';

/** What of the server this part of it asks for. */
export interface Server {
  readonly isLeader: boolean;
  /** Where the leader is reached; `undefined` while none is known. */
  readonly leaderAddress: string | undefined;
  /** See `AddressedMessage.cluster`. */
  readonly cluster: number;
  /** On the leader: resolves when the entry was applied here. */
  readonly proposeOwn: (proposal: Proposal) => Promise<unknown>;
  readonly step: (message: InstallSnapshotRequest) => void;
}

export interface StateKeepingOptions {
  readonly node: RaftNodeOptions;
  readonly server: Server;
  readonly raft: Raft;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly events: EventStreams;
  /** How other servers are reached. */
  readonly link: PeersOptions;
  /** How the transfer of a snapshot ended. */
  readonly report: (to: NodeId, outcome: 'finished' | 'failed') => void;
  /** Entries were applied: the core may have more. */
  readonly onApplied: () => void;
  readonly onFatal: (error: unknown) => void;
}

/**
 * What becomes of committed entries: state, snapshots of it, their way to other servers and from there, and whether all
 * servers come to the same.
 */
export class StateKeeping {
  readonly #options: StateKeepingOptions;
  readonly #loop: ApplyLoop;
  readonly #snapshots: Snapshots;
  readonly #exchange: SnapshotExchange;
  readonly #checker: StateChecker;

  constructor(options: StateKeepingOptions) {
    const { events, link, onFatal, proposals, raft, reads, report, server } = options;
    const { group, id, log, ports, settings } = options.node;
    const { clock, logger } = ports;
    const giveWay = (): Promise<void> => new Promise((resolve) => ports.soon(resolve));
    const electionMs = settings.electionTicks * settings.tickMs;
    this.#options = options;
    this.#checker = new StateChecker({
      id,
      group,
      clock,
      logger,
      giveWay,
      everyEntries: settings.stateCheckEntries,
      retryMs: electionMs,
      isLeader: () => server.isLeader,
      propose: (proposal) => server.proposeOwn(proposal),
      tell: (proposal) => this.#tell(proposal),
    });
    this.#exchange = new SnapshotExchange({
      ...link,
      log,
      clock,
      maxBytes: settings.maxSnapshotBytes,
      pieceTimeoutMs: 4 * electionMs,
      term: () => raft.status().term,
      report,
      step: (message) => server.step(message),
    });
    this.#snapshots = new Snapshots({
      log,
      settings,
      logger,
      giveWay,
      applied: () => group.appliedIndex,
      view: () => group.view(),
      checked: () => this.#checker.viewToCompare(),
      oldestSent: () => this.#exchange.oldestSent,
      onFatal,
    });
    this.#snapshots.setMembers(idsOf(group.configuration));
    this.#loop = new ApplyLoop({
      raft,
      log,
      group,
      proposals,
      reads,
      giveWay,
      announce: (news) => events.announce(news),
      onConfiguration: (configuration) => {
        this.#snapshots.setMembers(idsOf(configuration));
        options.node.onConfiguration(configuration);
      },
      onEffects: (effects) => this.#follow(effects),
      onApplied: (bytes) => this.#applied(bytes),
      beforeRestore: () => this.#snapshots.cancel(),
      onFatal,
    });
  }

  apply(entries: readonly Entry[]): void {
    this.#loop.apply(entries);
  }

  /** A snapshot from a leader was installed in the log. */
  restore(metadata: SnapshotMetadata): void {
    this.#loop.restore(metadata);
  }

  /** See `ApplyLoop.whenRestored`. */
  whenRestored(): Promise<void> | undefined {
    return this.#loop.whenRestored();
  }

  /** Takes a snapshot now. @returns Its index; 0 when nothing was applied yet. */
  async take(): Promise<number> {
    await this.#loop.whenRestored();
    return this.#snapshots.take();
  }

  send(message: InstallSnapshotRequest): void {
    this.#exchange.send(message);
  }

  /** See `SnapshotExchange.receive`. A disk that failed ends the node. */
  async receive(chunk: SnapshotChunk): Promise<number> {
    try {
      return await this.#exchange.receive(chunk);
    } catch (thrown) {
      const error = DecoraftError.from(thrown);
      if (error.code === 'DiskFailed') this.#options.onFatal(thrown);
      throw error;
    }
  }

  /** See `SnapshotExchange.takeReceived`. */
  takeReceived(snapshot: SnapshotMetadata | undefined): SnapshotMetadata | undefined {
    return this.#exchange.takeReceived(snapshot);
  }

  /** This node leads no more. */
  resign(): void {
    this.#exchange.cancelAll();
  }

  stop(): void {
    this.#loop.stop();
    this.#exchange.cancelAll();
    void this.#snapshots.cancel();
  }

  #applied(bytes: number): void {
    this.#snapshots.applied(bytes);
    this.#checker.maybeAsk();
    this.#options.onApplied();
  }

  #follow(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'state-check-due') this.#checker.due(effect);
      if (effect.kind === 'timer-failed' || effect.kind === 'session-end-failed') this.#warn(effect);
      if (effect.kind === 'machine-agreed' || effect.kind === 'migration-failed') this.#tellVersion(effect);
    }
    const found = effects.filter((effect) => effect.kind === 'diverged');
    for (const diverged of found) this.#report(diverged);
    const { id, settings } = this.#options.node;
    const own = found.filter(({ minority }) => minority.includes(id));
    if (settings.onDivergence === 'stop-minority' && own.length > 0) this.#end(own);
  }

  /** Has the leader, which may be this node, propose what this server's state comes to. */
  async #tell(proposal: StateHashesProposal): Promise<void> {
    const { node, server } = this.#options;
    if (server.isLeader) return void (await server.proposeOwn(proposal));
    const { cluster, leaderAddress: address } = server;
    if (address === undefined) throw notLeader(server);
    const { disk, ports, service, settings } = node;
    const timeoutMs = 4 * settings.electionTicks * settings.tickMs;
    const telling = { cluster, disk, proposal };
    await tellLeader(telling, { address, service, channels: ports.channels, timeoutMs });
  }

  /** Nobody waits for the answer of what ran by itself. It is the same everywhere, and told once. */
  #warn({ code, index, machine, message, ...of }: TimerFailed | SessionEndFailed): void {
    if (!this.#options.server.isLeader) return;
    const what =
      of.kind === 'timer-failed' ? "a timer's command failed" : 'a machine failed as a session ended';
    const which = of.kind === 'timer-failed' ? { timer: of.timer } : { session: of.session };
    this.#options.node.ports.logger.log('warn', `${what}: ${code}: ${message}`, { machine, ...which, index });
  }

  /** On every server: each has switched, or has not. */
  #tellVersion(change: MachineAgreed | MigrationFailed): void {
    const { onVersion, ports } = this.#options.node;
    const { from, index, machine, to } = change;
    if (change.kind === 'migration-failed') {
      const words = `machine ${machine} stays at version ${from}, because version ${to} could not take its state over`;
      ports.logger.log('error', `${words}: ${change.code}: ${change.message}`, { machine, index });
    } else if (from !== undefined && from !== to) {
      ports.logger.log('info', `machine ${machine} is at version ${to} from index ${index} on`, {
        machine,
        index,
      });
    }
    // Whether a state could be taken over is a matter of the code that tried: later code is not to try again.
    if (from !== undefined && from !== to) this.#snapshots.mustCover(index);
    onVersion(change);
  }

  #report(found: Diverged): void {
    const { onDiverged, ports } = this.#options.node;
    const { index, machine, minority, nodes } = found;
    const hashes = Object.fromEntries(nodes.map(({ hash, node }) => [node, hash]));
    const words = `the servers do not have the same state: machine ${machine} at index ${index}`;
    ports.logger.log('error', words, { machine, index, nodes: hashes, minority });
    try {
      onDiverged(found);
    } catch (thrown) {
      ports.logger.log('error', 'a listener failed', { reason: messageOf(thrown) });
    }
  }

  /** What this server answers is not what the majority would. */
  #end(found: readonly Diverged[]): void {
    const names = found.map(({ machine }) => machine).join(', ');
    const words =
      `the state of this server is not that of the majority: machine ${names} at index ${found[0]?.index}; ` +
      `replace it by one with a new id and an empty directory`;
    this.#options.onFatal(new DecoraftError('Corrupted', words, { data: found }));
  }
}
