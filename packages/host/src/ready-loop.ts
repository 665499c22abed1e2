import type { Message, Raft, Ready } from '@decoraft/raft';
import type { RaftNodeOptions } from './node-options.js';
import type { Peers } from './peers.js';
import type { Proposals } from './proposals.js';
import type { Quiescence } from './quiescence.js';
import type { Reads } from './reads.js';
import type { StateKeeping } from './state-keeping.js';
import { type Write, WriteQueue } from './write-queue.js';

export interface ReadyLoopOptions {
  readonly node: RaftNodeOptions;
  readonly raft: Raft;
  readonly peers: Peers;
  readonly proposals: Proposals;
  readonly reads: Reads;
  readonly keeping: StateKeeping;
  readonly quiescence: Quiescence | undefined;
  /** Role, leader and term are as the ready says, before anything of it is applied. */
  readonly noteState: (ready: Ready) => void;
  readonly onFatal: (error: unknown) => void;
}

/**
 * What drives the core: input → step → ready → { persist ∥ send } → advance → apply → reply. This is the one place where
 * that order is written.
 */
export class ReadyLoop {
  readonly #options: ReadyLoopOptions;
  readonly #writes: WriteQueue;
  #turnIsDue = false;
  #stopped = false;

  constructor(options: ReadyLoopOptions) {
    this.#options = options;
    this.#writes = new WriteQueue(
      options.node.log,
      (write) => this.#guard(() => this.#durable(write)),
      options.onFatal,
    );
  }

  stop(): void {
    this.#stopped = true;
  }

  /** Something for the core; what becomes of it is seen to in the next turn. */
  input(act: () => void): void {
    if (this.#stopped) return;
    this.#guard(act);
    this.turnSoon();
  }

  /** There may be something to do. */
  turnSoon(): void {
    if (this.#turnIsDue || this.#stopped) return;
    this.#turnIsDue = true;
    this.#options.node.ports.soon(() => {
      this.#turnIsDue = false;
      this.#guard(() => this.#turn());
    });
  }

  /** One turn: what came in since the last one goes into the core together, what is ready leaves together. */
  #turn(): void {
    if (this.#stopped) return;
    const { keeping, node, noteState, proposals, raft, reads } = this.#options;
    if (proposals.hasQueued) proposals.flush(raft);
    // A lease is worth what the ticks are worth: they are brought up to date before anything trusts it.
    if (node.settings.leaseReads) node.shared.ticker.catchUp();
    if (reads.hasQueued) reads.flush();
    this.#options.quiescence?.look();
    if (!raft.hasReady()) return;
    const ready = raft.ready();
    this.#send(ready.messages);
    this.#persist(ready);
    noteState(ready);
    keeping.apply(ready.committedEntries);
    reads.confirm(ready.readStates);
    this.turnSoon();
  }

  #send(messages: readonly Message[]): void {
    const { keeping, peers } = this.#options;
    for (const message of messages) {
      if (message.kind === 'install-snapshot-request') keeping.send(message);
      else peers.send(message);
    }
  }

  #persist(ready: Ready): void {
    const { entries, hardState } = ready;
    const snapshot = this.#options.keeping.takeReceived(ready.snapshot);
    const batch = { entries, ...(hardState && { hardState }), ...(snapshot && { snapshot }) };
    this.#writes.add({ ready, batch });
  }

  #durable({ batch, ready }: Write): void {
    if (this.#stopped) return;
    this.#options.raft.advance(ready);
    if (batch.snapshot) this.#options.keeping.restore(batch.snapshot);
    this.#send(ready.responses);
    this.turnSoon();
  }

  #guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.#options.onFatal(error);
    }
  }
}
