import { assertInvariant } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import type { InstallSnapshotRequest, Snapshot, SnapshotMetadata } from '@decoraft/raft';
import type { SnapshotChunk } from './snapshot-chunk.js';
import { SnapshotReceiver } from './snapshot-receiver.js';
import { SnapshotSender, type SnapshotSenderOptions } from './snapshot-sender.js';

export interface SnapshotExchangeOptions extends SnapshotSenderOptions {
  /** Of a snapshot that is accepted. */
  readonly maxBytes: number;
}

/** Snapshots between servers: those that this one sends, and those that it was sent and may install. */
export class SnapshotExchange {
  readonly #sender: SnapshotSender;
  readonly #receiver: SnapshotReceiver;
  /** What the core was told of, until it says whether it wants it; by place. */
  readonly #received = new Map<string, Uint8Array>();

  constructor(options: SnapshotExchangeOptions) {
    this.#sender = new SnapshotSender(options);
    this.#receiver = new SnapshotReceiver(options.maxBytes);
  }

  send(message: InstallSnapshotRequest): void {
    this.#sender.send(message);
  }

  /** This node leads no more, or stops. */
  cancelAll(): void {
    this.#sender.cancelAll();
  }

  /**
   * Takes a piece in. With the last one, `step` is called with the message, which the core is to hear now.
   *
   * @param term The latest that this server has seen.
   * @returns How many bytes of the snapshot are here.
   * @throws DecoraftError `NotLeader` for one of an earlier term, `InvalidArgument`
   */
  receive(chunk: SnapshotChunk, term: number, step: (message: InstallSnapshotRequest) => void): number {
    const { message } = chunk.header;
    if (message.term < term) {
      throw new DecoraftError('NotLeader', `the snapshot comes from term ${message.term}, which is over`);
    }
    const result = this.#receiver.take(chunk);
    if (typeof result === 'number') return result;
    this.#received.set(placeOf(message.snapshot), result.data);
    step(message);
    return chunk.totalBytes;
  }

  /** The snapshot that the core installs, with its data. What the core did not want by now, it never will. */
  takeReceived(snapshot: SnapshotMetadata | undefined): Snapshot | undefined {
    const data = snapshot && this.#received.get(placeOf(snapshot));
    this.#received.clear();
    if (!snapshot) return undefined;
    assertInvariant(data !== undefined, 'the core installs only snapshots whose data is here');
    return { ...snapshot, data };
  }
}

function placeOf({ index, term }: SnapshotMetadata): string {
  return `${index}/${term}`;
}
