import {
  type Configuration,
  type Entry,
  index,
  type LogReader,
  type NodeId,
  type RaftStatus,
} from '@decoraft/raft';
import { type Check, FactBroken, type NodeProbe } from '@decoraft/testing';

interface Seen {
  readonly status: RaftStatus;
  readonly life: number;
}

/** The term with which every node is bootstrapped. */
const FIRST_TERM = 1;

/**
 * What a majority is, counted once more by somebody who sees all nodes: whoever leads was voted for by a majority of
 * each half of its configuration; what a leader commits is an entry of its own term that a majority of each half has
 * written; a term begins with a candidate (§5.2, §5.4.2, §6). The facts of Raft would show the damage later, if it came
 * to any.
 */
export function quorumFacts(): Check {
  const seen = new Map<string, Seen>();
  const votes = new Votes();
  const holders = new Holders();
  /** Who lost its disk before it had promised anything may take part, and nobody sees how. */
  const unseen = new Set<string>();
  let latestTerm = FIRST_TERM;

  return {
    steppedUnseen: (id) => void unseen.add(id),
    stepped: (node) => {
      const { status } = node.raft;
      if (!status) return;
      const before = seen.get(node.id);
      seen.set(node.id, { status, life: node.life });
      const earlier = before?.life === node.life ? before.status : undefined;
      votes.look(node.id, status, before?.status.term ?? 0);
      holders.look(node);
      if (status.term > latestTerm) {
        latestTerm = status.term;
        const isBegun = status.role === 'candidate' || status.role === 'leader';
        if (!isBegun && unseen.size === 0) throw noCandidate(node.id, status);
      }
      if (status.role !== 'leader') return;
      if (!mayLead(status)) throw withoutVote(status);
      const configurations = [status.configuration, ...(earlier ? [earlier.configuration] : [])];
      if (earlier?.role !== 'leader' || earlier.term !== status.term) {
        mustDecide(
          'elected-by-a-majority',
          status,
          configurations,
          (id) => unseen.has(id) || votes.mayBeFor(id, status.term, node.id),
        );
        return;
      }
      if (status.commit <= earlier.commit) return;
      const term = node.raft.log?.term(status.commit);
      if (term === undefined) return;
      if (term !== status.term) throw ofAnotherTerm(status, term);
      // What ends a configuration is still decided by that one, though the next may be in effect by the end of the step.
      const change = changeAmong(node.raft.log, earlier.commit, status.commit);
      if (change) {
        mustDecide(
          'committed-by-a-majority',
          { ...status, commit: change.index },
          [earlier.configuration],
          (id) => unseen.has(id) || holders.has(id, change.index, change.term),
        );
      }
      mustDecide(
        'committed-by-a-majority',
        status,
        configurations,
        (id) => unseen.has(id) || holders.has(id, status.commit, term),
      );
    },
  };
}

/** The first change of the configuration behind `after`, up to `through`. */
function changeAmong(log: LogReader | undefined, after: number, through: number): Entry | undefined {
  if (!log || after + 1 < log.firstIndex()) return undefined;
  const entries = log.entries(index(after + 1), index(through + 1), Infinity);
  return entries.find(({ kind }) => kind === 'configuration');
}

/** Who led until its own removal was applied steps down with it (thesis §4.2.2). */
function mayLead({ configuration: { voters, votersOutgoing }, id }: RaftStatus): boolean {
  return voters.includes(id) || votersOutgoing.includes(id);
}

function withoutVote({ id, term }: RaftStatus): FactBroken {
  const finding = `${id} leads term ${term}, and has no vote any more`;
  return new FactBroken({ fact: 'leaders-have-a-vote', finding, nodes: [id], indexes: [] });
}

function noCandidate(id: string, { role, term }: RaftStatus): FactBroken {
  const finding = `${id} is ${role} in term ${term}, for which nobody was a candidate`;
  return new FactBroken({ fact: 'terms-begin-with-candidates', finding, nodes: [id], indexes: [] });
}

function ofAnotherTerm({ commit, id, term }: RaftStatus, found: number): FactBroken {
  const finding = `${id} leads term ${term} and committed up to entry ${commit} of term ${found}`;
  return new FactBroken({ fact: 'commits-its-own-term', finding, nodes: [id], indexes: [commit] });
}

/** Of one of the configurations that were in effect during the step, a majority of each half must be for it. */
function mustDecide(
  fact: string,
  { commit, id, term }: RaftStatus,
  configurations: readonly Configuration[],
  isFor: (id: NodeId) => boolean,
): void {
  const isMajority = (voters: readonly NodeId[]): boolean => voters.filter(isFor).length * 2 > voters.length;
  const decides = ({ voters, votersOutgoing }: Configuration): boolean =>
    isMajority(voters) && (votersOutgoing.length === 0 || isMajority(votersOutgoing));
  if (configurations.some(decides)) return;
  const [{ voters, votersOutgoing } = { voters: [], votersOutgoing: [] }] = configurations;
  const all = [...new Set([...voters, ...votersOutgoing])].toSorted();
  const finding =
    `${id} in term ${term}, with commit index ${commit}: of ${voters.join(' ')}, leaving ${votersOutgoing.join(' ')}, ` +
    `only these are for it: ${all.filter(isFor).join(' ')}`;
  throw new FactBroken({ fact, finding, nodes: [id], indexes: [commit] });
}

/** Who voted for whom, as far as it was seen. */
class Votes {
  readonly #byTerm = new Map<number, Map<string, string>>();

  look(id: string, { term, vote }: RaftStatus, termBefore: number): void {
    // Within one step a node may have gone through a term unseen: what it voted there, nobody knows.
    const from = termBefore > 0 ? termBefore : term;
    for (let at = from; at < term; at++) this.#note(at, id, ANYBODY, false);
    if (vote) this.#note(term, id, vote, true);
  }

  mayBeFor(id: string, term: number, candidate: string): boolean {
    const vote = this.#byTerm.get(term)?.get(id);
    return vote === candidate || vote === ANYBODY;
  }

  #note(term: number, id: string, vote: string, isCertain: boolean): void {
    const votes = this.#byTerm.get(term) ?? new Map<string, string>();
    this.#byTerm.set(term, votes);
    if (isCertain || !votes.has(id)) votes.set(id, vote);
  }
}

const ANYBODY = '?';

/** Who has ever had which entry, in its log or below its snapshot. */
class Holders {
  readonly #byEntry = new Map<number, Map<number, Set<string>>>();
  readonly #compacted = new Map<string, number>();

  look({ id, raft }: NodeProbe): void {
    const { log } = raft;
    if (!log) return;
    const first = log.firstIndex();
    this.#compacted.set(id, first - 1);
    for (let at = log.lastIndex(); at >= first; at--) {
      const term = log.term(at);
      if (term === undefined) return;
      const holders = this.#of(at, term);
      // Logs that agree on an entry agree on all before it: those were seen together with it.
      if (holders.has(id)) return;
      holders.add(id);
    }
  }

  has(id: string, at: number, term: number): boolean {
    return (this.#compacted.get(id) ?? 0) >= at || this.#of(at, term).has(id);
  }

  #of(at: number, term: number): Set<string> {
    const byTerm = this.#byEntry.get(at) ?? new Map<number, Set<string>>();
    this.#byEntry.set(at, byTerm);
    const holders = byTerm.get(term) ?? new Set<string>();
    byTerm.set(term, holders);
    return holders;
  }
}
