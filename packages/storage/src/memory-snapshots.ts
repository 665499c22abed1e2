import { crc32 } from 'node:zlib';
import type {
  AppendBatch,
  IncomingSnapshot,
  SnapshotDescription,
  SnapshotMetadata,
  StoredSnapshot,
} from '@decoraft/raft';
import { metadataOf } from './log-change.js';
import { isSameSnapshot } from './snapshot-incoming.js';
import { StorageError } from './storage-error.js';

/** A snapshot in memory. Its pieces are shared by all who read it, and changed by nobody. */
interface Kept extends SnapshotDescription {
  readonly pieces: readonly Uint8Array[];
}

interface Incoming {
  readonly description: SnapshotDescription;
  pieces: Uint8Array[];
  receivedBytes: number;
}

/** The newest snapshot of a log in memory, and one on its way from a leader. */
export class MemorySnapshots {
  #newest: Kept | undefined;
  #incoming: Incoming | undefined;
  /** From leaders, whole. */
  #received: readonly Kept[] = [];

  get newest(): SnapshotMetadata | undefined {
    return this.#newest && metadataOf(this.#newest);
  }

  /** Whatever `chunks` throws is thrown, and nothing has changed. */
  async save(metadata: SnapshotMetadata, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const pieces: Uint8Array[] = [];
    for await (const chunk of chunks) pieces.push(chunk.slice());
    if (metadata.index <= (this.#newest?.index ?? 0)) return;
    this.#newest = { ...metadataOf(metadata), ...measured(pieces), pieces };
  }

  read(): StoredSnapshot | undefined {
    const newest = this.#newest;
    if (!newest) return undefined;
    const { checksum, dataBytes, pieces } = newest;
    let isOpen = true;
    return {
      ...metadataOf(newest),
      checksum,
      dataBytes,
      async *chunks(from = 0) {
        let start = 0;
        if (!isOpen) throw closed();
        for (const piece of pieces) {
          if (!isOpen) throw closed();
          const end = start + piece.length;
          if (end > from) yield piece.slice(Math.max(0, from - start));
          start = end;
        }
      },
      close: async () => void (isOpen = false),
    };
  }

  receive(description: SnapshotDescription): IncomingSnapshot {
    if (!this.#incoming || !isSameSnapshot(this.#incoming.description, description)) {
      this.#incoming = { description, pieces: [], receivedBytes: 0 };
    }
    const incoming = this.#incoming;
    const check = (): void => {
      if (this.#incoming === incoming) return;
      throw new StorageError('Unavailable', 'this snapshot is received no more');
    };
    return {
      get receivedBytes() {
        return incoming.receivedBytes;
      },
      write: async (data) => {
        check();
        if (incoming.receivedBytes + data.length > description.dataBytes) {
          throw new StorageError('InvalidArgument', 'a piece of a snapshot reaches beyond its end');
        }
        incoming.pieces.push(data.slice());
        incoming.receivedBytes += data.length;
      },
      finish: async () => {
        check();
        return this.#finish(incoming);
      },
    };
  }

  /** Why what a batch brings cannot be installed; `undefined` when it can, or when it brings nothing. */
  problemWithInstalled({ snapshot }: AppendBatch): string | undefined {
    if (!snapshot || this.#find(snapshot)) return undefined;
    return `the snapshot of index ${snapshot.index} and term ${snapshot.term} was not received`;
  }

  /** A snapshot that was received becomes the newest. */
  install(snapshot: SnapshotMetadata): void {
    this.#newest = this.#find(snapshot);
    this.#received = this.#received.filter(({ index }) => index > snapshot.index);
  }

  #finish(incoming: Incoming): boolean {
    const { description, pieces } = incoming;
    const { checksum, dataBytes } = measured(pieces);
    if (checksum !== description.checksum || dataBytes !== description.dataBytes) {
      incoming.pieces = [];
      incoming.receivedBytes = 0;
      return false;
    }
    this.#incoming = undefined;
    this.#received = [...this.#received, { ...metadataOf(description), checksum, dataBytes, pieces }];
    return true;
  }

  #find({ index, term }: SnapshotMetadata): Kept | undefined {
    return this.#received.find((kept) => kept.index === index && kept.term === term);
  }
}

const closed = (): StorageError => new StorageError('Unavailable', 'the snapshot was closed');

function measured(pieces: readonly Uint8Array[]): Pick<SnapshotDescription, 'checksum' | 'dataBytes'> {
  let [checksum, dataBytes] = [0, 0];
  for (const piece of pieces) {
    checksum = crc32(piece, checksum);
    dataBytes += piece.length;
  }
  return { checksum, dataBytes };
}
