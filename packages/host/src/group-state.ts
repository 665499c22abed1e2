import { hashBytes, wideHash } from '@decoraft/base';
import {
  CONFIGURATION_MACHINE,
  decodeMembersImage,
  decodeMembersUpdate,
  type MachineHash,
} from '@decoraft/protocol';
import {
  changeConfiguration,
  type Configuration,
  configurationOf,
  decodeConfigurationChange,
  type Entry,
  index,
  type Index,
  type LogStore,
  type StoredSnapshot,
  term,
  type Term,
} from '@decoraft/raft';
import type { Applied, Replica, ReplicaView } from '@decoraft/state-machine';
import { type GiveWay, GroupView } from './group-view.js';
import type { Members } from './members.js';
import { readImage } from './node-image.js';

const NO_BYTES = new Uint8Array(0);

/**
 * All that the group has agreed on, up to the applied index: who belongs to it, and its machines with their sessions
 * and subscriptions. Fed by the apply loop only, one entry after the other.
 */
export class GroupState {
  readonly members: Members;
  readonly replica: Replica;
  #appliedTerm: Term = term(0);
  #configuration = configurationOf({ voters: [] });
  readonly #openViews = new Set<GroupView>();

  constructor(members: Members, replica: Replica) {
    this.members = members;
    this.replica = replica;
  }

  get appliedIndex(): Index {
    return index(this.replica.appliedIndex);
  }

  /** Who votes, as of the applied index; without anybody before the first entry. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  /** Of all that is agreed on: equal on all servers at an equal applied index. */
  get stateHash(): string {
    return `${this.replica.stateHash()}-${hashBytes(this.members.encode()).toString(16)}`;
  }

  apply(entry: Entry): Applied {
    this.#appliedTerm = entry.term;
    if (entry.kind === 'normal' && entry.data.length > 0) return this.replica.apply(entry);
    // Configurations and the empty entry that opens a term are Raft's own (§8).
    this.replica.skip(entry.index);
    if (entry.kind === 'configuration') this.#noteMembers(entry);
    const outcome = { kind: 'value', value: NO_BYTES } as const;
    return { index: entry.index, term: entry.term, outcome };
  }

  /** Whether commands have to be careful: somebody reads the state as it was. */
  get hasOpenViews(): boolean {
    return this.#openViews.size > 0;
  }

  /** All of it, as it is now; `undefined` before the first entry. @throws DecoraftError As `Replica.view` does. */
  view(): GroupView | undefined {
    return this.appliedIndex === 0 ? undefined : this.#viewOf(this.replica.view());
  }

  /** All of it as of the entry at `place`, which was applied just now and asked for a check. */
  takeCheck(place: number): GroupView | undefined {
    const view = this.replica.takeCheck(place);
    return view && this.#viewOf(view);
  }

  /** Makes the next commands cheap while views are open. Until it resolves, nothing is applied and nothing restored. */
  settleViews(giveWay: GiveWay): Promise<void> {
    return this.replica.settleViews(giveWay);
  }

  /** What servers compare beside the machines: see `ReplicaOptions.hashesBeside`. */
  hashesBeside(): readonly MachineHash[] {
    const { autoLeave, learners, learnersNext, voters, votersOutgoing } = this.#configuration;
    const ids = [voters, votersOutgoing, learners, learnersNext].map((list) => list.toSorted());
    const words = new TextEncoder().encode(JSON.stringify([...ids, autoLeave]));
    const hash = `${wideHash(this.members.encode())}-${wideHash(words)}`;
    return [{ machine: CONFIGURATION_MACHINE, hash }];
  }

  /**
   * Becomes what a snapshot says. Until it resolves, nothing else is asked of the group.
   *
   * @throws DecoraftError `Corrupted`; then nothing has changed. `Internal` when a machine's own code throws: then the
   * group is half restored, and the node must stop.
   */
  async restore(snapshot: StoredSnapshot): Promise<void> {
    const { members, replica } = await readImage(snapshot.chunks());
    const restored = decodeMembersImage(members);
    await this.replica.restoreFrom(replica);
    this.members.restore(restored);
    this.#appliedTerm = snapshot.term;
    this.#configuration = snapshot.configuration;
  }

  /**
   * {@link restore} of the newest snapshot, where there is one. If it proves to be damaged, the log is asked once more: it
   * passes that one over where it can go on from the one before it, and is `Corrupted` itself where it cannot.
   */
  async restoreNewest(log: LogStore): Promise<void> {
    try {
      await this.#restoreFrom(log);
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'Corrupted')) throw thrown;
      await this.#restoreFrom(log);
    }
  }

  async #restoreFrom(log: LogStore): Promise<void> {
    const snapshot = await log.readSnapshot();
    try {
      if (snapshot) await this.restore(snapshot);
    } finally {
      await snapshot?.close();
    }
  }

  #viewOf(replica: ReplicaView): GroupView {
    const view = new GroupView({
      metadata: { index: this.appliedIndex, term: this.#appliedTerm, configuration: this.#configuration },
      members: this.members.encode(),
      replica,
    });
    this.#openViews.add(view);
    void view.closed.then(() => this.#openViews.delete(view));
    return view;
  }

  /** One entry at a time: a server that comes and goes within one batch leaves its trace as anywhere else. */
  #noteMembers({ data }: Entry): void {
    const change = decodeConfigurationChange(data);
    const before = this.#configuration;
    this.#configuration = changeConfiguration(before, change);
    if (change.context.length > 0) this.members.update(decodeMembersUpdate(change.context));
    this.members.retire(before, this.#configuration);
  }
}
