import type {
  Configuration,
  Entry,
  Index,
  Message,
  NodeId,
  RaftOptions,
  RaftStatus,
  ReadState,
  Ready,
} from '../../src/index.js';
import { Raft } from '../../src/index.js';
import { type Batch, type Disk, EMPTY_DISK, type Image, MemoryLog } from './memory-log.js';

export type ServerOptions = Omit<RaftOptions, 'id' | 'log' | 'hardState'>;

/** One core with a disk, driven by hand: every duty of a ready is a call of its own. */
export class Server {
  readonly id: NodeId;
  readonly #options: ServerOptions;
  raft: Raft;
  log: MemoryLog;
  /** Taken, not durable; oldest first. */
  writing: Ready[] = [];
  /** The state of the state machine: all that was applied, here or in the snapshot that it was restored from. */
  applied: Entry[] = [];
  reads: ReadState[] = [];
  /** Rises with every crash. */
  incarnation = 0;

  constructor(id: NodeId, options: ServerOptions, disk: Disk = EMPTY_DISK) {
    this.id = id;
    this.#options = options;
    this.log = new MemoryLog(disk);
    this.raft = this.#start();
  }

  get configuration(): Configuration {
    return this.status.configuration;
  }

  get status(): RaftStatus {
    return this.raft.status();
  }

  /** Takes a ready: begins its write, applies, and gives it back. Its `messages` are for the caller to send. */
  take(): Ready {
    const ready = this.raft.ready();
    const { committedEntries } = ready;
    this.log.append(batchOf(ready));
    this.writing.push(ready);
    this.applied.push(...committedEntries);
    const last = committedEntries.at(-1);
    if (last) this.raft.applied(last.index);
    this.reads.push(...ready.readStates);
    return ready;
  }

  /** The oldest write becomes durable. @returns The messages that may leave now. */
  finishWrite(): readonly Message[] {
    const ready = this.writing.shift();
    if (!ready) throw new Error(`${this.id} writes nothing`);
    this.log.flush();
    this.raft.advance(ready);
    if (ready.snapshot) this.#restore(ready.snapshot as Image);
    return ready.responses;
  }

  /** Takes a snapshot of what was applied. */
  snapshot(): Image {
    const { applied: index, configuration } = this.status;
    const term = this.log.term(index);
    if (term === undefined) throw new Error(`${this.id} has no entry ${index}`);
    const image = { index, term, configuration, applied: [...this.applied] };
    this.log.saveImage(image);
    return image;
  }

  /** Takes a snapshot, and drops the log up to it, or up to `through`. */
  compact(through?: Index): void {
    const { index } = this.snapshot();
    this.log.compact(through ?? index);
  }

  #restore(image: Image): void {
    this.applied = [...image.applied];
    this.raft.applied(image.index);
  }

  /**
   * Loses all that is not on disk, and starts again.
   *
   * @param finished How many of the writes under way still reached the disk, unknown to anybody.
   */
  crash(finished = 0): void {
    for (let write = 0; write < finished; write++) this.log.flush();
    this.log = new MemoryLog(this.log.disk);
    this.writing = [];
    this.applied = [...(this.log.disk.image?.applied ?? [])];
    this.reads = [];
    this.incarnation++;
    this.raft = this.#start();
  }

  #start(): Raft {
    const { hardState, image } = this.log.disk;
    const start = image ? { configuration: image.configuration, applied: image.index } : {};
    return new Raft({ ...this.#options, ...start, id: this.id, log: this.log, hardState });
  }
}

function batchOf({ entries, hardState, snapshot }: Ready): Batch {
  return { entries, ...(hardState && { hardState }), ...(snapshot && { snapshot: snapshot as Image }) };
}
