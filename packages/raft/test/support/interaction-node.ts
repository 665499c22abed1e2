import type { Configuration, ConfigurationChange, Entry, Message } from '../../src/index.js';
import { configurationOf, index, type NodeId, Raft, term } from '../../src/index.js';
import type { RaftOptions, Ready, StorageAppend, StorageApply } from '../../src/index.js';
import {
  describeConfiguration,
  describeEntry,
  describeMessage,
  describeSnapshot,
} from './interaction-words.js';
import { nodeName, roleName } from './interaction-words.js';
import { type Disk, EMPTY_DISK, MemoryLog, type WholeBatch } from './memory-log.js';

export interface NodeOptions extends Partial<Omit<RaftOptions, 'id' | 'log' | 'hardState'>> {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /** The index of the snapshot that the node begins with; 0: with nothing, and as a member of nothing. */
  readonly from: number;
}

const NO_DATA = new Uint8Array(0);

/**
 * One core as etcd's harness has it. Its core makes a message when something happens, and keeps all until a ready is
 * asked for; ours writes them when a ready is taken. So a ready is taken here after every input, and all that were
 * taken since are handled, and shown, as one.
 *
 * Where our core differs on purpose, and a script needs it that the other way, this helps: changes that come too early
 * wait, who campaigns writes at once, and whoever trusts leases has been up for long.
 */
export class InteractionNode {
  readonly id: NodeId;
  readonly raft: Raft;
  readonly log: MemoryLog;
  readonly maxInflight: number;
  readonly electionTicks: number;
  readonly isAsync: boolean;
  readonly appendWork: StorageAppend[] = [];
  readonly applyWork: StorageApply[] = [];
  /** What the next election timeout is drawn from. */
  draw = 0.99;
  #taken: Ready[] = [];
  #early: ConfigurationChange[] = [];
  /** As a leader: its first entry. */
  #ownFrom = 0;
  #shownSoft: string;
  #shownHard: string;
  readonly #say: (line: string) => void;

  constructor(id: NodeId, options: NodeOptions, say: (line: string) => void) {
    const { from, learners, voters, ...rest } = options;
    const configuration = configurationOf({ voters, learners });
    this.id = id;
    this.#say = say;
    this.log = new MemoryLog(from === 0 ? EMPTY_DISK : diskAt(from, configuration));
    this.maxInflight = rest.maxInflightMessages ?? 256;
    this.electionTicks = rest.electionTicks ?? 3;
    this.isAsync = rest.asyncStorageWrites ?? false;
    this.raft = new Raft({
      electionTicks: this.electionTicks,
      heartbeatTicks: 1,
      preVote: false,
      checkQuorum: false,
      proposalForwarding: true,
      ...rest,
      configuration,
      id,
      log: this.log,
      hardState: this.log.disk.hardState,
      random: () => this.draw,
      logger: { log: (_level, words, fields) => this.#note(words, fields) },
    });
    if (rest.readOnlyOption === 'lease') this.#endSilence();
    this.#shownSoft = this.#soft();
    this.#shownHard = this.#hard();
    say(`INFO ${id} switched to configuration ${describeConfiguration(configuration)}`);
  }

  /** Any input. What it makes ready is taken at once. */
  input<Result>(act: (raft: Raft) => Result): Result {
    const result = act(this.raft);
    this.#collect();
    return result;
  }

  /** A server that trusts leases votes for nobody right after its start. */
  #endSilence(): void {
    for (let tick = 0; tick < this.electionTicks; tick++) this.raft.tick();
    this.raft.paused();
  }

  /**
   * A new leader takes no change before its first entry is applied: it waits until then. In the place of any other that
   * cannot be, etcd's core appends an empty entry.
   *
   * @returns What its harness says to a proposal that is dropped.
   */
  proposeChange(change: ConfigurationChange): string | undefined {
    if (this.#isNewLeader) {
      this.#early.push(change);
      return undefined;
    }
    const result = this.input((raft) => raft.proposeConfigurationChange(change));
    if (result.ok || result.reason === 'Forwarded') return undefined;
    if (this.raft.status().role !== 'leader') return 'raft proposal dropped';
    this.input((raft) => raft.propose([NO_DATA]));
    return undefined;
  }

  get #isNewLeader(): boolean {
    const { applied, role } = this.raft.status();
    return role === 'leader' && applied < this.#ownFrom;
  }

  get hasReady(): boolean {
    if (this.#taken.some((ready) => saysAnything(ready, this.raft.status().applied))) return true;
    return this.#soft() !== this.#shownSoft || this.#hard() !== this.#shownHard;
  }

  /** Handles all that is ready. @returns What leaves. */
  processReady(): readonly Message[] {
    if (!this.hasReady) {
      this.#say('<empty Ready>');
      return [];
    }
    this.#showState();
    return this.isAsync ? this.#processAsync() : this.#processSync();
  }

  #processSync(): readonly Message[] {
    const commit = this.raft.status().commit;
    const readies = this.#taken;
    this.#taken = [];
    for (const ready of readies) this.#write(ready);
    for (const ready of readies) {
      this.raft.advance(ready);
      if (ready.snapshot) this.raft.applied(ready.snapshot.index);
    }
    this.#collect();
    // What may be applied only now that it is durable belongs to this ready, as it does there.
    const committed = [...readies, ...this.#taken]
      .flatMap((ready) => ready.committedEntries)
      .filter((entry) => entry.index <= commit && entry.index > this.raft.status().applied);
    this.#show(
      'Snapshot',
      readies.flatMap(({ snapshot }) => (snapshot ? [describeSnapshot(snapshot)] : [])),
    );
    this.#list(
      'Entries:',
      readies.flatMap((ready) => ready.entries.map(describeEntry)),
    );
    this.#list('CommittedEntries:', committed.map(describeEntry));
    const messages = [...readies.flatMap((ready) => ready.messages), ...readies.flatMap((r) => r.responses)];
    this.#list('Messages:', messages.map(describeMessage));
    this.#apply(committed);
    return messages;
  }

  #write({ entries, hardState, snapshot }: Pick<Ready, 'entries' | 'hardState' | 'snapshot'>): void {
    const batch: WholeBatch = {
      entries,
      ...(hardState && { hardState }),
      ...(snapshot && { snapshot: { ...snapshot, data: NO_DATA } }),
    };
    this.log.append(batch);
    this.log.flush();
  }

  #processAsync(): readonly Message[] {
    const readies = this.#taken;
    this.#taken = [];
    const applies: StorageApply[] = [];
    const appends: StorageAppend[] = [];
    for (const work of readies.flatMap((ready) => ready.storage)) {
      if (work.kind === 'storage-append') appends.push(work);
      else applies.push(work);
    }
    const joined = joinAppends(appends);
    const isCampaign = joined?.responses.some(({ kind }) => kind === 'vote-request') === true;
    const requests =
      joined && isCampaign && this.appendWork.length === 0 ? this.#writeAtOnce(joined) : undefined;
    if (joined && !requests) this.appendWork.push(joined);
    this.applyWork.push(...applies);
    const messages = [...readies.flatMap((ready) => ready.messages), ...(requests ?? [])];
    this.#list(
      'Entries:',
      appends.flatMap(({ entries }) => entries.map(describeEntry)),
    );
    this.#list(
      'CommittedEntries:',
      applies.flatMap(({ entries }) => entries.map(describeEntry)),
    );
    this.#list('Messages:', messages.map(describeMessage));
    return messages;
  }

  #writeAtOnce(work: StorageAppend): readonly Message[] {
    this.#write(work);
    this.input((raft) => raft.step(work.reply));
    return work.responses;
  }

  /** The oldest write is done. */
  processAppend(): StorageAppend | undefined {
    const work = this.appendWork.shift();
    if (!work) return undefined;
    this.#write(work);
    this.#list('Responses:', work.responses.map(describeMessage));
    return work;
  }

  processApply(): StorageApply | undefined {
    return this.applyWork.shift();
  }

  /** The thread that applies has done its work, and says so. */
  applyThrough({ entries, reply }: StorageApply): void {
    this.raft.step(reply);
    const last = entries.at(-1);
    if (last) this.#saveSnapshot(last);
    this.#afterApplying();
  }

  /** Entry by entry; each state is a snapshot that a follower may be sent, as in etcd's harness. */
  #apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.raft.applied(entry.index);
      this.#saveSnapshot(entry);
    }
    this.#afterApplying();
  }

  #saveSnapshot({ index: at, term: inTerm }: Entry): void {
    const { configuration } = this.raft.status();
    this.log.saveSnapshot({ index: at, term: inTerm, configuration, data: NO_DATA });
  }

  #afterApplying(): void {
    this.#collect();
    if (this.#early.length === 0 || this.#isNewLeader) return;
    const early = this.#early;
    this.#early = [];
    for (const change of early) this.proposeChange(change);
  }

  #collect(): void {
    const { lastIndex, role } = this.raft.status();
    if (role !== 'leader') this.#ownFrom = 0;
    else if (this.#ownFrom === 0) this.#ownFrom = lastIndex;
    while (this.raft.hasReady()) {
      const ready = this.raft.ready();
      this.#taken.push(ready);
    }
  }

  #note(words: string, fields: Readonly<Record<string, unknown>> | undefined): void {
    if (words !== 'the configuration changed' || !fields) return;
    const configuration = fields as unknown as Configuration;
    this.#say(`INFO ${this.id} switched to configuration ${describeConfiguration(configuration)}`);
  }

  #soft(): string {
    const { leader, role } = this.raft.status();
    return `Lead:${nodeName(leader)} State:${roleName(role)}`;
  }

  #hard(): string {
    const { commit, term: current, vote } = this.raft.status();
    return `HardState Term:${current}${vote === '' ? '' : ` Vote:${vote}`} Commit:${commit}`;
  }

  #showState(): void {
    const soft = this.#soft();
    const hard = this.#hard();
    if (soft !== this.#shownSoft) this.#say(soft);
    if (hard !== this.#shownHard) this.#say(hard);
    this.#shownSoft = soft;
    this.#shownHard = hard;
  }

  #show(name: string, lines: readonly string[]): void {
    for (const line of lines) this.#say(`${name} ${line}`);
  }

  #list(name: string, lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#say(name);
    for (const line of lines) this.#say(line);
  }
}

function saysAnything(ready: Ready, applied: number): boolean {
  const { committedEntries, entries, hardState, messages, responses, snapshot, storage } = ready;
  if (hardState || snapshot || committedEntries.some((entry) => entry.index > applied)) return true;
  return [entries, messages, responses, storage].some(({ length }) => length > 0);
}

/** Writes that were taken together, as one: the last one's number speaks for all. */
function joinAppends(appends: readonly StorageAppend[]): StorageAppend | undefined {
  const last = appends.at(-1);
  if (!last) return undefined;
  const hardState = appends.findLast((append) => append.hardState)?.hardState;
  const snapshot = appends.findLast((append) => append.snapshot)?.snapshot;
  return {
    ...last,
    ...(hardState && { hardState }),
    ...(snapshot && { snapshot }),
    entries: appends.flatMap(({ entries }) => entries),
    responses: appends.flatMap(({ responses }) => responses),
  };
}

function diskAt(from: number, configuration: Configuration): Disk {
  const place = { index: index(from), term: term(1) };
  return { ...EMPTY_DISK, compacted: place, snapshot: { ...place, configuration, data: NO_DATA } };
}
