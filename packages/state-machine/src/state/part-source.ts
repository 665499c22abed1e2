import { ByteWriter, plainMessage } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import { encodeState, StateEncoder } from './encoder.js';
import { TAG } from './tags.js';

/** How much of a state is written or read at once: some milliseconds of work. */
export const PIECE_BYTES = 64 * 1024;

/**
 * The bytes of one machine's part of an image, made while they are asked for. All of them are of the state at the
 * moment in which the source was made, if whoever changes the machine {@link settle}s the source before.
 */
export interface PartSource {
  /**
   * The next bytes, as many as are made with little work; `undefined` behind the last. A promise only where a machine
   * streams asynchronously.
   *
   * @throws DecoraftError `InvalidArgument` that names what is not data, `Internal` when the machine's own code throws.
   */
  next(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /**
   * Makes the source independent of the machine, at once. What goes wrong in that is thrown by {@link next}.
   */
  settle(): void;
  /** Does as little of {@link settle} as makes sense. Gives whether that was all of it. */
  settleSome(): boolean;
  /** Ends it early: nothing more is asked for. */
  close(): void;
}

/** Bytes that are there already. */
export class BytesSource implements PartSource {
  #bytes: Uint8Array | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): Uint8Array | undefined {
    const bytes = this.#bytes;
    this.#bytes = undefined;
    return bytes;
  }

  settle(): void {
    // Nobody changes them.
  }

  settleSome(): boolean {
    return true;
  }

  close(): void {
    this.#bytes = undefined;
  }
}

/** A state that is written piece by piece as long as nobody changes it, and before somebody does. */
export class StateSource implements PartSource {
  #encoder: StateEncoder | undefined;
  /** What was made ahead of being asked for; the last may say why it could not be made. */
  #ahead: (() => Uint8Array | undefined)[] = [];

  constructor(state: unknown, where: string) {
    this.#encoder = new StateEncoder(state, where);
  }

  next(): Uint8Array | undefined {
    const ahead = this.#ahead.shift();
    return ahead ? ahead() : this.#encoder?.next(PIECE_BYTES);
  }

  settle(): void {
    this.#make(Infinity);
    this.#encoder = undefined;
  }

  settleSome(): boolean {
    this.#make(PIECE_BYTES);
    return this.#encoder === undefined;
  }

  /** Writes ahead. */
  #make(limit: number): void {
    try {
      const piece = this.#encoder?.next(limit);
      if (piece) this.#ahead.push(() => piece);
      else this.#encoder = undefined;
    } catch (thrown) {
      this.#encoder = undefined;
      this.#ahead.push(() => {
        throw thrown;
      });
    }
  }

  close(): void {
    this.#encoder = undefined;
    this.#ahead = [];
  }
}

type Chunk = IteratorResult<unknown, unknown>;
export type ChunkIterator = Iterator<unknown> | AsyncIterator<unknown>;

/**
 * What a machine's own generator yields. It is asked for its first chunk at once, so that the part of it that stands
 * before the first `yield` runs in the moment that the image is of.
 */
export class StreamSource implements PartSource {
  readonly #name: string;
  readonly #chunks: ChunkIterator;
  #first: { readonly chunk: Uint8Array | undefined | Promise<Uint8Array | undefined> } | undefined;
  #isFirst = true;
  #isOver = false;

  /** @param name Of the machine. @throws DecoraftError as {@link next} does, for what is wrong with the first chunk. */
  constructor(chunks: ChunkIterator, name: string) {
    this.#name = name;
    this.#chunks = chunks;
    const chunk = this.#ask();
    // Nobody may be interested; whoever is gets it from next().
    if (chunk instanceof Promise) chunk.catch(() => undefined);
    this.#first = { chunk };
  }

  next(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const first = this.#first;
    this.#first = undefined;
    return first ? first.chunk : this.#ask();
  }

  settle(): void {
    // Its author took a stable view: that is the contract of a generator.
  }

  settleSome(): boolean {
    return true;
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      const closing: unknown = this.#chunks.return?.();
      if (closing instanceof Promise) closing.catch(() => undefined);
    } catch {
      // It was to end, and has.
    }
  }

  #ask(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.#isOver) return undefined;
    try {
      const chunk = this.#chunks.next() as Chunk | Promise<Chunk>;
      return chunk instanceof Promise ? this.#wait(chunk) : this.#encode(chunk);
    } catch (cause) {
      return this.#fail(cause);
    }
  }

  async #wait(chunk: Promise<Chunk>): Promise<Uint8Array | undefined> {
    try {
      return this.#encode(await chunk);
    } catch (cause) {
      return this.#fail(cause);
    }
  }

  #encode({ done, value }: Chunk): Uint8Array | undefined {
    const writer = new ByteWriter(64);
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (isFirst) writer.u8(TAG.stream);
    if (done === true) {
      this.#isOver = true;
      return isFirst ? writer.finish() : undefined;
    }
    return writer.bytes(encodeState(value, `${this.#name}.snapshot()`)).finish();
  }

  #fail(cause: unknown): never {
    this.close();
    if (cause instanceof DecoraftError) throw cause;
    throw new DecoraftError('Internal', `${this.#name}.snapshot() threw: ${plainMessage(cause)}`, { cause });
  }
}
