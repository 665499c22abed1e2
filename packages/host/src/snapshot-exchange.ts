import { assertInvariant } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import type { InstallSnapshotRequest, SnapshotMetadata } from '@decoraft/raft';
import type { SnapshotChunk } from './snapshot-chunk.js';
import { SnapshotReceiver } from './snapshot-receiver.js';
import { SnapshotSender, type SnapshotSenderOptions } from './snapshot-sender.js';

export interface SnapshotExchangeOptions extends SnapshotSenderOptions {
  /** Of a snapshot that is accepted. */
  readonly maxBytes: number;
  /** The latest term that this server has seen. */
  readonly term: () => number;
  /** The core is to hear of a snapshot that is here: at once. */
  readonly step: (message: InstallSnapshotRequest) => void;
}

/** Snapshots between servers: those that this one sends, and those that it was sent and may install. */
export class SnapshotExchange {
  readonly #options: SnapshotExchangeOptions;
  readonly #sender: SnapshotSender;
  readonly #receiver: SnapshotReceiver;
  /** What the core was told of, until it says whether it wants it; by place. */
  readonly #received = new Set<string>();

  constructor(options: SnapshotExchangeOptions) {
    this.#options = options;
    this.#sender = new SnapshotSender(options);
    this.#receiver = new SnapshotReceiver(options.log, options.maxBytes);
  }

  /** See `SnapshotSender.oldestSent`. */
  get oldestSent(): number | undefined {
    return this.#sender.oldestSent;
  }

  send(message: InstallSnapshotRequest): void {
    this.#sender.send(message);
  }

  /** This node leads no more, or stops. */
  cancelAll(): void {
    this.#sender.cancelAll();
  }

  /**
   * Takes a piece in. With the last one, the core hears the message.
   *
   * @returns How many bytes of the snapshot are here.
   * @throws DecoraftError `NotLeader` for one of an earlier term; as `SnapshotReceiver.take`.
   */
  async receive(chunk: SnapshotChunk): Promise<number> {
    const { message } = chunk.header;
    this.#checkTerm(message);
    const { bytes, isWhole } = await this.#receiver.take(chunk);
    this.#checkTerm(message);
    if (isWhole) {
      this.#received.add(placeOf(message.snapshot));
      this.#options.step(message);
    }
    return bytes;
  }

  /** The snapshot that the core installs. What it did not want by now, it never will. */
  takeReceived(snapshot: SnapshotMetadata | undefined): SnapshotMetadata | undefined {
    const isHere = snapshot !== undefined && this.#received.has(placeOf(snapshot));
    if (this.#received.size > 0) this.#receiver.forget();
    this.#received.clear();
    assertInvariant(isHere || !snapshot, 'the core installs only snapshots whose data is here');
    return snapshot;
  }

  #checkTerm({ term }: InstallSnapshotRequest): void {
    if (term >= this.#options.term()) return;
    throw new DecoraftError('NotLeader', `the snapshot comes from term ${term}, which is over`);
  }
}

function placeOf({ index, term }: SnapshotMetadata): string {
  return `${index}/${term}`;
}
