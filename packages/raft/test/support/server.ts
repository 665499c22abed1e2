import type {
  Configuration,
  Entry,
  Message,
  NodeId,
  RaftOptions,
  RaftStatus,
  ReadState,
  Ready,
  SnapshotMetadata,
  StorageAppend,
  StorageApply,
} from '../../src/index.js';
import { Raft } from '../../src/index.js';
import { type Image, Machine } from './machine.js';
import { type Disk, EMPTY_DISK, MemoryLog } from './memory-log.js';

export type ServerOptions = Omit<RaftOptions, 'id' | 'log' | 'hardState'>;

/** A write under way: that of a ready, or, with asynchronous storage writes, a message to the thread that writes. */
export type Write =
  | { readonly kind: 'ready'; readonly ready: Ready }
  | { readonly kind: 'append'; readonly append: StorageAppend };

/** The snapshots that were ever taken: their data, which travels beside the messages. */
export type Snapshots = Map<string, Image>;

const nameOf = ({ index, term }: SnapshotMetadata): string => `${index}/${term}`;

/** One core with a disk and a state machine, driven by hand: every duty of a ready is a call of its own. */
export class Server {
  readonly id: NodeId;
  #options: ServerOptions;
  readonly #snapshots: Snapshots;
  raft: Raft;
  log: MemoryLog;
  machine: Machine;
  /** Taken, not durable; oldest first. */
  writing: Write[] = [];
  /** With asynchronous storage writes: handed out to be applied, and not applied; oldest first. */
  applying: StorageApply[] = [];
  reads: ReadState[] = [];
  /** Rises with every crash. */
  incarnation = 0;

  constructor(
    id: NodeId,
    options: ServerOptions,
    disk: Disk = EMPTY_DISK,
    snapshots: Snapshots = new Map<string, Image>(),
  ) {
    this.id = id;
    this.#options = options;
    this.#snapshots = snapshots;
    if (disk.snapshot) snapshots.set(nameOf(disk.snapshot), disk.snapshot);
    this.log = new MemoryLog(disk);
    this.machine = new Machine(options.configuration, disk.snapshot);
    this.raft = this.#start();
  }

  get options(): ServerOptions {
    return this.#options;
  }

  /** All that was applied, here or in the snapshot that the state machine was restored from. */
  get applied(): readonly Entry[] {
    return this.machine.entries;
  }

  get configuration(): Configuration {
    return this.status.configuration;
  }

  get status(): RaftStatus {
    return this.raft.status();
  }

  /** Whether anything is ready, being written or being applied. */
  get isBusy(): boolean {
    return this.raft.hasReady() || this.writing.length > 0 || this.applying.length > 0;
  }

  /** Takes a ready: begins its write, applies, and gives it back. Its `messages` are for the caller to send. */
  take(): Ready {
    const ready = this.raft.ready();
    this.reads.push(...ready.readStates);
    if (this.#options.asyncStorageWrites === true) {
      for (const message of ready.storage) this.#hand(message);
      return ready;
    }
    const { committedEntries } = ready;
    this.#write({ kind: 'ready', ready });
    this.machine.apply(committedEntries);
    const last = committedEntries.at(-1);
    if (last) this.raft.applied(last.index);
    return ready;
  }

  /** The oldest write becomes durable. @returns The messages that may leave now. */
  finishWrite(): readonly Message[] {
    const write = this.writing.shift();
    if (!write) throw new Error(`${this.id} writes nothing`);
    this.log.flush();
    if (write.kind === 'ready') {
      const { ready } = write;
      this.raft.advance(ready);
      if (ready.snapshot) this.raft.applied(this.#restore(ready.snapshot).index);
      return ready.responses;
    }
    const { reply, responses, snapshot } = write.append;
    this.raft.step(reply);
    if (snapshot) this.raft.step({ kind: 'storage-apply-response', index: this.#restore(snapshot).index });
    return responses;
  }

  /** With asynchronous storage writes: the oldest entries that were handed out are applied. */
  finishApply(): void {
    const apply = this.applying.shift();
    if (!apply) throw new Error(`${this.id} applies nothing`);
    // A snapshot may have overtaken them on the way to the disk.
    const { index } = this.machine.state;
    this.machine.apply(apply.entries.filter((entry) => entry.index > index));
    this.raft.step(apply.reply);
  }

  /** Takes a snapshot of what was applied, up to `at`. */
  snapshot(at: number = this.machine.state.index): Image {
    const snapshot = this.machine.snapshot(at);
    this.#snapshots.set(nameOf(snapshot), snapshot);
    this.log.saveSnapshot(snapshot);
    return snapshot;
  }

  /** Drops entries up to `through`; by default takes a snapshot first, and drops all that it has. */
  compact(through: number = this.snapshot().index): void {
    this.log.compact(through);
  }

  /**
   * Loses all that is not on disk, and starts again.
   *
   * @param finished How many of the writes under way still reached the disk, unknown to anybody.
   * @param options Those that are others from now on.
   */
  crash(finished = 0, options: Partial<ServerOptions> = {}): void {
    for (let write = 0; write < finished; write++) this.log.flush();
    this.#options = { ...this.#options, ...options };
    this.log = new MemoryLog(this.log.disk);
    this.machine = new Machine(this.#options.configuration, this.log.disk.snapshot);
    this.writing = [];
    this.applying = [];
    this.reads = [];
    this.incarnation++;
    this.raft = this.#start();
  }

  #start(): Raft {
    const { configuration, index } = this.machine.state;
    const { hardState } = this.log.disk;
    return new Raft({
      ...this.#options,
      id: this.id,
      log: this.log,
      hardState,
      configuration,
      applied: index,
    });
  }

  #hand(message: StorageAppend | StorageApply): void {
    if (message.kind === 'storage-append') this.#write({ kind: 'append', append: message });
    else this.applying.push(message);
  }

  #write(write: Write): void {
    const { entries, hardState, snapshot } = write.kind === 'ready' ? write.ready : write.append;
    this.log.append({
      entries,
      ...(hardState && { hardState }),
      ...(snapshot && { snapshot: this.#dataOf(snapshot) }),
    });
    this.writing.push(write);
  }

  #restore(metadata: SnapshotMetadata): Image {
    const image = this.#dataOf(metadata);
    this.machine.restore(image);
    return image;
  }

  /** What the driver received beside the message; a test may put it into the message. */
  #dataOf(metadata: SnapshotMetadata | Image): Image {
    if ('data' in metadata) return metadata;
    const known = this.#snapshots.get(nameOf(metadata));
    if (!known) throw new Error(`nobody took a snapshot at ${nameOf(metadata)}`);
    return { ...known, ...metadata };
  }
}
