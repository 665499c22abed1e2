import { messageOf } from '@decoraft/base';
import { GROUP_METHOD } from '@decoraft/protocol';
import type { InstallSnapshotRequest, LogStore, NodeId, Snapshot } from '@decoraft/raft';
import { methodId } from '@decoraft/rpc';
import type { PeersOptions } from './peers.js';
import { checksumOf, decodeReceived, encodeChunk, type SnapshotMessage } from './snapshot-chunk.js';

const INSTALL = methodId(GROUP_METHOD.installSnapshot);
/** Small beside the limit of a message, so that heartbeats on the same connection do not wait behind it. */
const CHUNK_BYTES = 128 * 1024;
/** Pieces that bring the follower no further before the transfer is given up. */
const MAX_IDLE_PIECES = 3;

export interface SnapshotSenderOptions extends PeersOptions {
  readonly log: LogStore;
  /** How long the answer to one piece is waited for. */
  readonly pieceTimeoutMs: number;
  /** How a transfer ended: the core goes on from there, or tries again. May not throw. */
  readonly report: (to: NodeId, outcome: 'finished' | 'failed') => void;
}

/**
 * Sends snapshots to followers that need entries which are no longer in the log (§7): to each by itself, so that one
 * that cannot be reached holds up nobody else (checklist C34). One piece is under way at a time.
 */
export class SnapshotSender {
  readonly #options: SnapshotSenderOptions;
  readonly #underWay = new Map<NodeId, AbortController>();

  constructor(options: SnapshotSenderOptions) {
    this.#options = options;
  }

  send(message: InstallSnapshotRequest): void {
    const { to } = message;
    if (this.#underWay.has(to)) return;
    const cancelling = new AbortController();
    this.#underWay.set(to, cancelling);
    void this.#transferAndReport(message, cancelling);
  }

  /** This node leads no more, or stops. */
  cancelAll(): void {
    for (const cancelling of this.#underWay.values()) cancelling.abort();
    this.#underWay.clear();
  }

  async #transferAndReport(message: InstallSnapshotRequest, cancelling: AbortController): Promise<void> {
    const { logger, report } = this.#options;
    const { to } = message;
    let outcome: 'finished' | 'failed' = 'finished';
    try {
      await this.#transfer(message, cancelling.signal);
    } catch (thrown) {
      outcome = 'failed';
      logger.log('warn', 'a snapshot could not be sent', { to, reason: messageOf(thrown) });
    }
    if (this.#underWay.get(to) !== cancelling) return;
    this.#underWay.delete(to);
    report(to, outcome);
  }

  async #transfer(request: InstallSnapshotRequest, signal: AbortSignal): Promise<void> {
    const { address, addressOf, channels, log } = this.#options;
    const to = addressOf(request.to);
    const snapshot = await log.readSnapshot();
    if (to === undefined) throw new Error(`the address of ${request.to} is not known`);
    if (!snapshot) throw new Error('there is no snapshot');
    const channel = await channels.channel(to, { signal });
    // By now there may be a newer one than the core asked for: it serves as well.
    const { configuration, data, index, term } = snapshot;
    const message = { ...request, snapshot: { index, term, configuration } };
    const header = { ...address(message), message };
    await this.#pieces({ header, data }, async (piece) =>
      decodeReceived(
        await channel.call(this.#options.service, INSTALL, piece, {
          signal,
          timeoutMs: this.#options.pieceTimeoutMs,
        }),
      ),
    );
  }

  /** Sends piece after piece, each from where the follower says that it stands. */
  async #pieces(
    { data, header }: { readonly header: SnapshotMessage; readonly data: Snapshot['data'] },
    deliver: (piece: Uint8Array) => Promise<number>,
  ): Promise<void> {
    const checksum = checksumOf(data);
    const totalBytes = data.length;
    let idle = 0;
    let furthest = -1;
    for (let offset = 0; ;) {
      const piece = data.subarray(offset, offset + CHUNK_BYTES);
      offset = await deliver(encodeChunk({ header, totalBytes, checksum, offset, data: piece }));
      if (offset >= totalBytes) return;
      if (offset <= furthest && ++idle >= MAX_IDLE_PIECES) throw new Error('the follower gets no further');
      furthest = Math.max(furthest, offset);
    }
  }
}
