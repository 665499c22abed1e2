import type { Entry, Message, NodeId, RaftOptions, RaftStatus, ReadState, Ready } from '../../src/index.js';
import { Raft } from '../../src/index.js';
import { type Disk, EMPTY_DISK, MemoryLog } from './memory-log.js';

export type ServerOptions = Omit<RaftOptions, 'id' | 'log' | 'hardState'>;

/** One core with a disk, driven by hand: every duty of a ready is a call of its own. */
export class Server {
  readonly id: NodeId;
  readonly #options: ServerOptions;
  raft: Raft;
  log: MemoryLog;
  /** Taken, not durable; oldest first. */
  writing: Ready[] = [];
  /** All that was handed out to be applied since the start. */
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

  get status(): RaftStatus {
    return this.raft.status();
  }

  /** Takes a ready: begins its write, applies, and gives it back. Its `messages` are for the caller to send. */
  take(): Ready {
    const ready = this.raft.ready();
    const { committedEntries, entries, hardState } = ready;
    this.log.append(hardState ? { entries, hardState } : { entries });
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
    return ready.responses;
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
    this.applied = [];
    this.reads = [];
    this.incarnation++;
    this.raft = this.#start();
  }

  #start(): Raft {
    return new Raft({ ...this.#options, id: this.id, log: this.log, hardState: this.log.disk.hardState });
  }
}
