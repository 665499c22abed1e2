import { decodeMembersUpdate, type SessionId } from '@decoraft/protocol';
import { decodeConfigurationChange, type Entry, index, type Index, term, type Term } from '@decoraft/raft';
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

  constructor(members: Members, replica: Replica) {
    this.members = members;
    this.replica = replica;
  }

  get appliedIndex(): Index {
    return index(this.replica.appliedIndex);
  }

  /** The term of the last entry that was applied; 0 before the first. */
  get appliedTerm(): Term {
    return this.#appliedTerm;
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

  /** The data of a snapshot at the applied index. */
  encode(): Uint8Array {
    return encodeImage({ members: this.members.encode(), replica: this.replica.snapshot() });
  }

  /** Becomes what a snapshot says. @throws DecoraftError `Corrupted`; then nothing has changed. */
  restore(snapshot: { readonly term: Term; readonly data: Uint8Array }): void {
    const { members, replica } = decodeImage(snapshot.data);
    this.replica.restore(replica);
    this.members.restore(members);
    this.#appliedTerm = snapshot.term;
  }

  #noteMembers({ data }: Entry): void {
    const { context } = decodeConfigurationChange(data);
    if (context.length > 0) this.members.update(decodeMembersUpdate(context));
  }
}
