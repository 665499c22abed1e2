import { type Clock, CodedError, messageOf, type Timer } from '@decoraft/base';
import { GROUP_METHOD } from '@decoraft/protocol';
import type { InstallSnapshotRequest, LogStore, NodeId, StoredSnapshot } from '@decoraft/raft';
import { methodId } from '@decoraft/rpc';
import type { PeersOptions } from './peers.js';
import { decodeReceived, encodeChunk } from './snapshot-chunk.js';
import { type Deliver, sendPieces } from './snapshot-pieces.js';

const INSTALL = methodId(GROUP_METHOD.installSnapshot);
/** The last piece is answered when all of the snapshot was read back and flushed. */
const FINISHING_FACTOR = 15;
/** For so long a snapshot whose transfer broke off is kept for the follower to go on with. */
const HELD_MS = 60_000;

export interface SnapshotSenderOptions extends Omit<PeersOptions, 'sender'> {
  readonly log: LogStore;
  readonly clock: Clock;
  /** How long the answer to one piece is waited for. */
  readonly pieceTimeoutMs: number;
  /** How a transfer ended: the core goes on from there, or tries again. May not throw. */
  readonly report: (to: NodeId, outcome: 'finished' | 'failed') => void;
}

/** A snapshot that some follower has a part of, or will have. */
interface Held {
  readonly snapshot: StoredSnapshot;
  expiry?: Timer;
}

/**
 * Sends snapshots to followers that need entries which are no longer in the log (§7): to each by itself, so that one
 * that cannot be reached holds up nobody else (checklist C34). They are read from the disk piece by piece, and a
 * transfer that broke off goes on with the same snapshot where the follower stands.
 */
export class SnapshotSender {
  readonly #options: SnapshotSenderOptions;
  readonly #underWay = new Map<NodeId, AbortController>();
  readonly #held = new Map<NodeId, Held>();

  constructor(options: SnapshotSenderOptions) {
    this.#options = options;
  }

  /** The index of the oldest snapshot that a follower has a part of: it will need the entries behind that. */
  get oldestSent(): number | undefined {
    const indexes = [...this.#held.values()].map(({ snapshot }) => snapshot.index);
    return indexes.length > 0 ? Math.min(...indexes) : undefined;
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
    for (const to of this.#held.keys()) this.#letGo(to);
  }

  async #transferAndReport(message: InstallSnapshotRequest, cancelling: AbortController): Promise<void> {
    const { clock, logger, report } = this.#options;
    const { to } = message;
    let outcome: 'finished' | 'failed' = 'finished';
    let isBroken = false;
    try {
      await this.#transfer(message, cancelling.signal);
    } catch (thrown) {
      outcome = 'failed';
      isBroken = thrown instanceof CodedError && thrown.code === 'Corrupted';
      logger.log('warn', 'a snapshot could not be sent', { to, reason: messageOf(thrown) });
    }
    if (this.#underWay.get(to) !== cancelling) return;
    this.#underWay.delete(to);
    const held = this.#held.get(to);
    if (outcome === 'finished' || isBroken) this.#letGo(to);
    else if (held) held.expiry = clock.after(HELD_MS, () => this.#letGo(to));
    report(to, outcome);
  }

  async #transfer(request: InstallSnapshotRequest, signal: AbortSignal): Promise<void> {
    const { address, addressOf, channels, pieceTimeoutMs, service } = this.#options;
    const to = addressOf(request.to);
    if (to === undefined) throw new Error(`the address of ${request.to} is not known`);
    const channel = await channels.channel(to, { signal });
    const snapshot = await this.#snapshotFor(request.to, signal);
    // It may be another than the core asked for, newer or older: it serves as well.
    const { checksum, configuration, dataBytes: totalBytes, index, term } = snapshot;
    const message = { ...request, snapshot: { index, term, configuration } };
    const header = { ...address(message), message };
    const deliver: Deliver = async (offset, data) => {
      const isLast = data.length === 0 || offset + data.length === totalBytes;
      const piece = encodeChunk({ header, totalBytes, checksum, offset, data });
      const timeoutMs = isLast ? FINISHING_FACTOR * pieceTimeoutMs : pieceTimeoutMs;
      return decodeReceived(await channel.call(service, INSTALL, piece, { signal, timeoutMs }));
    };
    await sendPieces(snapshot, deliver);
  }

  /** What the follower was sent before, while the log goes on from there; else the newest. */
  async #snapshotFor(to: NodeId, signal: AbortSignal): Promise<StoredSnapshot> {
    const { log } = this.#options;
    const held = this.#held.get(to);
    held?.expiry?.cancel();
    if (held && held.snapshot.index + 1 >= log.firstIndex()) return held.snapshot;
    this.#letGo(to);
    const snapshot = await log.readSnapshot();
    if (!snapshot) throw new Error('there is no snapshot');
    if (signal.aborted) {
      await snapshot.close();
      throw new Error('the transfer was cancelled');
    }
    this.#held.set(to, { snapshot });
    return snapshot;
  }

  #letGo(to: NodeId): void {
    const held = this.#held.get(to);
    if (!held) return;
    this.#held.delete(to);
    held.expiry?.cancel();
    held.snapshot.close().catch((thrown: unknown) => {
      this.#options.logger.log('warn', 'a snapshot could not be closed', { reason: messageOf(thrown) });
    });
  }
}
