import { WideHasher } from '@decoraft/base';
import { DecoraftError, type MachineHash, type MachineId, MASTER_MACHINE } from '@decoraft/protocol';
import { BlockWriter, CHUNK_BYTES, Cutter, headBytes, imageEnd, partHead } from './image-stream.js';
import type { GiveWay } from './in-pieces.js';
import type { PartSource } from './part-source.js';

/** One machine of a view. */
export interface PartView {
  readonly machine: MachineId;
  readonly source: PartSource;
  /** Nothing more is read of it. */
  readonly close: () => void;
}

export interface ReplicaViewOptions {
  readonly index: number;
  /** All that belongs to no machine, encoded. */
  readonly head: Uint8Array;
  /** By the ids of the machines. */
  readonly parts: readonly PartView[];
  /** Of what else the group has agreed on, elsewhere. */
  readonly beside: readonly MachineHash[];
}

type Step =
  | { readonly kind: 'chunk'; readonly chunk: Uint8Array }
  | { readonly kind: 'wait'; readonly bytes: Promise<Uint8Array | undefined> };

/**
 * All of a replica's state at one index, to be read while entries behind that index are applied. Read at most once;
 * one that is not read to its end has to be closed, for until then commands pay for what it has not read yet.
 *
 * What a pull costs: some milliseconds, for at most one chunk is made. Between two pulls it is the reader's to let
 * other things have their turn: waiting for the disk or the wire does, waiting for a promise that is settled does not.
 */
export class ReplicaView {
  /** Of the last entry that the state has. */
  readonly index: number;
  readonly #parts: readonly PartView[];
  readonly #hashes: MachineHash[];
  readonly #steps: Generator<Step, void, Uint8Array | undefined>;
  #isComplete = false;

  constructor({ beside, head, index, parts }: ReplicaViewOptions) {
    this.index = index;
    this.#parts = parts;
    this.#hashes = [{ machine: MASTER_MACHINE, hash: new WideHasher().update(head).digest() }, ...beside];
    this.#steps = this.#read(head);
  }

  /**
   * The image, in chunks of 256 KiB of which the last is shorter; each has memory of its own. Equal on all replicas
   * that have applied the same log and host the same machines. Whoever stops before the end has closed the view.
   *
   * @throws DecoraftError `InvalidArgument` that names machine and field of what is not data; `Internal` when a
   * machine's own `snapshot()` throws. The replica is as it was, and may go on.
   */
  async *chunks(): AsyncGenerator<Uint8Array, void> {
    try {
      let arrived: Uint8Array | undefined;
      for (;;) {
        const step = this.#steps.next(arrived);
        arrived = undefined;
        if (step.done === true) return;
        if (step.value.kind === 'chunk') yield step.value.chunk;
        else arrived = await step.value.bytes;
      }
    } finally {
      this.close();
    }
  }

  /** As {@link chunks}, at once. @throws DecoraftError `Unimplemented` when a machine's `snapshot()` waits. */
  *chunksNow(): Generator<Uint8Array, void> {
    try {
      for (let step = this.#steps.next(); step.done !== true; step = this.#steps.next()) {
        if (step.value.kind === 'wait') throw cannotWait();
        yield step.value.chunk;
      }
    } finally {
      this.close();
    }
  }

  /**
   * A hash of every machine's state and, under `MASTER_MACHINE`, one of all that belongs to no machine: equal on
   * replicas that are equal. Reads what was not read of the chunks yet.
   *
   * @param giveWay Waited for after every chunk, so that others have their turn.
   * @throws DecoraftError as {@link chunks} does; `InvalidArgument` when the view was closed before its end.
   */
  async hashes(giveWay: GiveWay): Promise<readonly MachineHash[]> {
    for await (const _ of this.chunks()) await giveWay();
    return this.#whenDone();
  }

  /** As {@link hashes}, at once. @throws DecoraftError `Unimplemented` when a machine's `snapshot()` waits. */
  hashesNow(): readonly MachineHash[] {
    for (const _ of this.chunksNow()) void _;
    return this.#whenDone();
  }

  /** Nothing more is read of it. May be called again. */
  close(): void {
    this.#steps.return();
    for (const part of this.#parts) part.close();
  }

  #whenDone(): readonly MachineHash[] {
    if (this.#isComplete) return this.#hashes;
    throw new DecoraftError(
      'InvalidArgument',
      'a view of the state was closed before it was read to its end',
    );
  }

  *#read(head: Uint8Array): Generator<Step, void, Uint8Array | undefined> {
    const chunks = new Cutter(CHUNK_BYTES);
    chunks.add(headBytes(head));
    for (const { close, machine, source } of this.#parts) {
      const [blocks, hasher] = [new BlockWriter(), new WideHasher()];
      chunks.add(partHead(machine));
      for (;;) {
        const next = source.next();
        const bytes = next instanceof Promise ? yield { kind: 'wait', bytes: next } : next;
        if (!bytes) break;
        hasher.update(bytes);
        for (const block of blocks.add(bytes)) chunks.add(block);
        for (let chunk = chunks.full(); chunk; chunk = chunks.full()) yield { kind: 'chunk', chunk };
      }
      for (const block of blocks.end()) chunks.add(block);
      this.#hashes.push({ machine, hash: hasher.digest() });
      close();
    }
    chunks.add(imageEnd());
    this.#isComplete = true;
    for (let chunk = chunks.full() ?? chunks.rest(); chunk; chunk = chunks.full() ?? chunks.rest()) {
      yield { kind: 'chunk', chunk };
    }
  }
}

function cannotWait(): DecoraftError {
  const words = 'a machine streams its snapshot and waits meanwhile: its state cannot be had at once';
  return new DecoraftError('Unimplemented', words);
}
