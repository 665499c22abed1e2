import type { Configuration } from './entry.js';
import { type Index, index, type NodeId } from './ids.js';
import type { InflightLimits } from './inflights.js';
import { Progress } from './progress.js';
import { jointCommitted, jointVoteResult, type VoteResult } from './quorum.js';

/** Who decides, what they voted, and what a leader knows of each. While joint, every decision takes both halves. */
export class Tracker {
  #configuration: Configuration;
  #voters: ReadonlySet<NodeId>;
  /** Of every member, this server among them. Empty on a server that does not lead. */
  readonly progress = new Map<NodeId, Progress>();
  readonly #votes = new Map<NodeId, boolean>();

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
    this.#voters = votersOf(configuration);
  }

  get configuration(): Configuration {
    return this.#configuration;
  }

  /** Of either half, each once. */
  get voters(): ReadonlySet<NodeId> {
    return this.#voters;
  }

  isVoter(id: NodeId): boolean {
    return this.#voters.has(id);
  }

  /** Takes on another configuration. What a leader knows of those who stay, it still knows. */
  configure(configuration: Configuration): void {
    this.#configuration = configuration;
    this.#voters = votersOf(configuration);
  }

  /** The votes of a campaign begin, or are forgotten. */
  resetVotes(): void {
    this.#votes.clear();
  }

  /** Notes an answer. The first one of a voter counts, and once, however often it arrives. */
  noteVote(from: NodeId, granted: boolean): void {
    if (this.isVoter(from) && !this.#votes.has(from)) this.#votes.set(from, granted);
  }

  get voteResult(): VoteResult {
    return this.#voteResult((id) => this.#votes.get(id));
  }

  /** `self` begins to lead, knowing nothing of the others. `next` is the optimistic guess: that they have it all. */
  resetProgress(self: NodeId, next: Index, limits: InflightLimits): void {
    this.progress.clear();
    for (const id of membersOf(this.#configuration)) {
      const progress = new Progress(next, limits);
      progress.recentlyActive = id === self;
      this.progress.set(id, progress);
    }
  }

  /**
   * On a leader whose configuration changed: who left is forgotten, who came is probed. A newcomer counts as heard of,
   * so that the leader does not step down before it had time to answer.
   *
   * @param next Where a newcomer is probed: at the end of the log, where an answer tells how far it is behind.
   */
  refreshProgress(next: Index, limits: InflightLimits): void {
    const members = membersOf(this.#configuration);
    for (const id of this.progress.keys()) if (!members.has(id)) this.progress.delete(id);
    for (const id of members) {
      if (this.progress.has(id)) continue;
      const progress = new Progress(next, limits);
      progress.recentlyActive = true;
      this.progress.set(id, progress);
    }
  }

  /** What a majority of each half has, durably (§5.3, §6). */
  get committed(): Index {
    return index(this.#reached((id) => this.progress.get(id)?.match ?? 0));
  }

  /** The newest heartbeat round that a majority of each half answered (thesis §6.4). */
  get provenReadSequence(): number {
    return this.#reached((id) => this.progress.get(id)?.readSequence ?? 0);
  }

  /** Whether a majority of each half was heard of since the last call (thesis §6.2). */
  takeQuorumActive(self: NodeId): boolean {
    const result = this.#voteResult((id) => this.progress.get(id)?.recentlyActive === true);
    for (const [id, progress] of this.progress) progress.recentlyActive = id === self;
    return result === 'won';
  }

  #reached(valueOf: (id: NodeId) => number): number {
    const { voters, votersOutgoing } = this.#configuration;
    return jointCommitted(voters.map(valueOf), votersOutgoing.map(valueOf));
  }

  #voteResult(voteOf: (id: NodeId) => boolean | undefined): VoteResult {
    const { voters, votersOutgoing } = this.#configuration;
    return jointVoteResult(voters.map(voteOf), votersOutgoing.map(voteOf));
  }
}

function votersOf({ voters, votersOutgoing }: Configuration): ReadonlySet<NodeId> {
  return new Set([...voters, ...votersOutgoing]);
}

/** Whoever gets entries. Those that become learners later are voters of the outgoing half until then. */
export function membersOf(configuration: Configuration): ReadonlySet<NodeId> {
  const { learners, voters, votersOutgoing } = configuration;
  return new Set([...voters, ...votersOutgoing, ...learners]);
}
