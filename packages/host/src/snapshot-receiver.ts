import { DecoraftError } from '@decoraft/protocol';
import type { IncomingSnapshot, LogStore } from '@decoraft/raft';
import { descriptionOf, type SnapshotChunk } from './snapshot-chunk.js';

/** Where a snapshot stands that comes piece by piece. */
export interface Received {
  /** How many bytes are here: the next piece begins there. */
  readonly bytes: number;
  /** All of it is here, has passed its check, and is durable: it may be installed. */
  readonly isWhole: boolean;
}

interface Transfer {
  readonly key: string;
  readonly incoming: IncomingSnapshot;
  isWhole: boolean;
}

/**
 * Puts a snapshot together from its pieces, on the disk. One at a time: a piece of another takes the place of what was
 * here (checklist C31). The same snapshot may come from another leader, in a later term, or after a restart: it goes on
 * where it was left.
 */
export class SnapshotReceiver {
  readonly #log: LogStore;
  readonly #maxBytes: number;
  #transfer: Transfer | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(log: LogStore, maxBytes: number) {
    this.#log = log;
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes a piece in, when those before it have been. One that begins elsewhere than the last one ended changes nothing.
   *
   * @throws DecoraftError `InvalidArgument` for a snapshot beyond the limit, or a piece beyond its end. What the disk
   * cannot do, as `IncomingSnapshot` says.
   */
  async take(chunk: SnapshotChunk): Promise<Received> {
    this.#check(chunk);
    const taken = this.#last.then(() => this.#take(chunk));
    this.#last = taken.catch(() => undefined);
    return taken;
  }

  /** The snapshot that was whole was installed, or not wanted: if it is offered again, that begins anew. */
  forget(): void {
    if (this.#transfer?.isWhole === true) this.#transfer = undefined;
  }

  #check({ data, offset, totalBytes }: SnapshotChunk): void {
    if (totalBytes > this.#maxBytes) {
      throw new DecoraftError(
        'InvalidArgument',
        `a snapshot of ${totalBytes} bytes is beyond the limit of ${this.#maxBytes}`,
      );
    }
    if (offset + data.length > totalBytes) {
      throw new DecoraftError('InvalidArgument', 'a piece of a snapshot reaches beyond its end');
    }
  }

  async #take(chunk: SnapshotChunk): Promise<Received> {
    const { data, offset, totalBytes } = chunk;
    const transfer = await this.#transferOf(chunk);
    const { incoming } = transfer;
    if (transfer.isWhole) return { bytes: totalBytes, isWhole: true };
    try {
      if (offset === incoming.receivedBytes && data.length > 0) await incoming.write(data);
      // Damaged on the way: it is sent once more, from the beginning.
      if (incoming.receivedBytes === totalBytes) transfer.isWhole = await incoming.finish();
    } catch (thrown) {
      this.#transfer = undefined;
      throw thrown;
    }
    return { bytes: incoming.receivedBytes, isWhole: transfer.isWhole };
  }

  async #transferOf(chunk: SnapshotChunk): Promise<Transfer> {
    const description = descriptionOf(chunk);
    const { checksum, dataBytes, index, term } = description;
    const key = [index, term, dataBytes, checksum].join('/');
    if (this.#transfer?.key !== key) {
      this.#transfer = { key, incoming: await this.#log.receiveSnapshot(description), isWhole: false };
    }
    return this.#transfer;
  }
}
