import type { Configuration } from './entry.js';
import { type Index, index, type NodeId } from './ids.js';
import type { InflightLimits } from './inflights.js';
import { Progress } from './progress.js';
import { majorityIndex, type VoteResult, voteResult } from './quorum.js';

/** Who decides, what they voted, and what a leader knows of each. */
export class Tracker {
  readonly configuration: Configuration;
  /** Of every voter, this server among them. Empty on a server that does not lead. */
  readonly progress = new Map<NodeId, Progress>();
  readonly #votes = new Map<NodeId, boolean>();

  constructor(configuration: Configuration) {
    this.configuration = configuration;
  }

  isVoter(id: NodeId): boolean {
    return this.configuration.voters.includes(id);
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
    return voteResult(this.#ofVoters((id) => this.#votes.get(id)));
  }

  /** A leader begins, knowing nothing of the others. `next` is the optimistic guess: that they have it all. */
  resetProgress(next: Index, limits: InflightLimits): void {
    this.progress.clear();
    for (const id of this.configuration.voters) this.progress.set(id, new Progress(next, limits));
  }

  /** What a majority has, durably (§5.3). */
  get committed(): Index {
    return index(majorityIndex(this.#ofVoters((id) => this.progress.get(id)?.match ?? 0)));
  }

  /** The newest heartbeat round that a majority answered (thesis §6.4). */
  get provenReadSequence(): number {
    return majorityIndex(this.#ofVoters((id) => this.progress.get(id)?.readSequence ?? 0));
  }

  /** Whether a majority was heard of since the last call (thesis §6.2). */
  takeQuorumActive(self: NodeId): boolean {
    const active = this.#ofVoters((id) => id === self || this.progress.get(id)?.recentlyActive === true);
    for (const progress of this.progress.values()) progress.recentlyActive = false;
    return voteResult(active) === 'won';
  }

  #ofVoters<Value>(valueOf: (id: NodeId) => Value): Value[] {
    return this.configuration.voters.map(valueOf);
  }
}
