import { DecoraftError } from '@decoraft/protocol';
import { checksumOf, type SnapshotChunk, type SnapshotMessage } from './snapshot-chunk.js';

/** A snapshot that has arrived as a whole and passed its check. */
export interface ReceivedSnapshot {
  readonly header: SnapshotMessage;
  readonly data: Uint8Array;
}

interface Transfer {
  readonly key: string;
  readonly pieces: Uint8Array[];
  received: number;
}

/**
 * Puts a snapshot together from its pieces. One at a time: a piece of another snapshot, or of another leader, begins
 * anew, and only its first piece can (checklist C31).
 */
export class SnapshotReceiver {
  readonly #maxBytes: number;
  #transfer: Transfer | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes a piece in.
   *
   * @returns The whole snapshot, with the last piece; else how many bytes are there, where the next piece begins. A
   * piece that begins elsewhere changes nothing.
   * @throws DecoraftError `InvalidArgument` for a snapshot beyond the limit, or a piece beyond its end.
   */
  take(chunk: SnapshotChunk): ReceivedSnapshot | number {
    const { checksum, data, header, offset, totalBytes } = chunk;
    if (totalBytes > this.#maxBytes) {
      throw new DecoraftError(
        'InvalidArgument',
        `a snapshot of ${totalBytes} bytes is beyond the limit of ${this.#maxBytes}`,
      );
    }
    if (offset + data.length > totalBytes) {
      throw new DecoraftError('InvalidArgument', 'a piece of a snapshot reaches beyond its end');
    }
    const transfer = this.#transferOf(chunk);
    if (offset !== transfer.received) return transfer.received;
    transfer.pieces.push(data.slice());
    transfer.received += data.length;
    if (transfer.received < totalBytes) return transfer.received;
    this.#transfer = undefined;
    const whole = joined(transfer.pieces, totalBytes);
    // Damaged on the way: it is sent once more, from the beginning.
    return checksumOf(whole) === checksum ? { header, data: whole } : 0;
  }

  #transferOf({ checksum, header: { message }, totalBytes }: SnapshotChunk): Transfer {
    const { from, snapshot, term } = message;
    const key = [from, term, snapshot.index, snapshot.term, totalBytes, checksum].join('/');
    if (this.#transfer?.key !== key) this.#transfer = { key, pieces: [], received: 0 };
    return this.#transfer;
  }
}

function joined(pieces: readonly Uint8Array[], totalBytes: number): Uint8Array {
  const whole = new Uint8Array(totalBytes);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
