import { createDeferred } from '@decoraft/base';
import type { MachineHash } from '@decoraft/protocol';
import type { SnapshotMetadata } from '@decoraft/raft';
import type { ReplicaView } from '@decoraft/state-machine';
import { encodeImageHead } from './node-image.js';

export interface GroupViewOptions {
  readonly metadata: SnapshotMetadata;
  /** See `Members.encode`. */
  readonly members: Uint8Array;
  readonly replica: ReplicaView;
}

/** Waited for between two pieces of work, so that others have their turn. */
export type GiveWay = () => Promise<void>;

/**
 * All that the group has agreed on, up to one index, to be read while entries behind that are applied. To be read to
 * its end or closed: until then commands pay for what was not read.
 */
export class GroupView {
  readonly metadata: SnapshotMetadata;
  readonly #members: Uint8Array;
  readonly #replica: ReplicaView;
  readonly #closed = createDeferred<void>();

  constructor({ members, metadata, replica }: GroupViewOptions) {
    this.metadata = metadata;
    this.#members = members;
    this.#replica = replica;
  }

  /** Resolves when nothing more is read of it. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /**
   * The data of a snapshot. Read once; whoever stops before the end has closed the view.
   *
   * @throws DecoraftError As `ReplicaView.chunks` does; `InvalidArgument` when the view is closed before its end.
   */
  async *chunks(giveWay: GiveWay): AsyncGenerator<Uint8Array> {
    try {
      yield encodeImageHead(this.#members);
      for await (const chunk of this.#replica.chunks()) {
        yield chunk;
        await giveWay();
      }
      // A view that was closed meanwhile ends early, as if it were whole: this tells.
      await this.#replica.hashes(giveWay);
    } finally {
      this.close();
    }
  }

  /** See `ReplicaView.hashes`; also when {@link chunks} were read to their end. */
  async hashes(giveWay: GiveWay): Promise<readonly MachineHash[]> {
    try {
      return await this.#replica.hashes(giveWay);
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#replica.close();
    this.#closed.resolve();
  }
}
