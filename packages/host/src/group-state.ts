import { hashBytes } from '@decoraft/base';
import { decodeMembersImage, decodeMembersUpdate, type SessionId } from '@decoraft/protocol';
import {
  changeConfiguration,
  type Configuration,
  configurationOf,
  decodeConfigurationChange,
  type Entry,
  index,
  type Index,
  type Snapshot,
  term,
  type Term,
} from '@decoraft/raft';
import type { Applied, Replica } from '@decoraft/state-machine';
import type { Members } from './members.js';
import { decodeImage, encodeImage } from './node-image.js';

const NO_SESSIONS: readonly SessionId[] = [];
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
    return { index: entry.index, term: entry.term, outcome, sessionsWithEvents: NO_SESSIONS };
  }

  /** All of it, as a snapshot; `undefined` before the first entry. */
  snapshot(): Snapshot | undefined {
    if (this.appliedIndex === 0) return undefined;
    return {
      index: this.appliedIndex,
      term: this.#appliedTerm,
      configuration: this.#configuration,
      data: encodeImage({ members: this.members.encode(), replica: this.replica.snapshot() }),
    };
  }

  /** Becomes what a snapshot says. @throws DecoraftError `Corrupted`; then nothing has changed. */
  restore(snapshot: Snapshot): void {
    const { members, replica } = decodeImage(snapshot.data);
    const restored = decodeMembersImage(members);
    this.replica.restore(replica);
    this.members.restore(restored);
    this.#appliedTerm = snapshot.term;
    this.#configuration = snapshot.configuration;
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
