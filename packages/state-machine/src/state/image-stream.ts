import { ByteReader, ByteWriter } from '@decoraft/base';
import { DecoraftError, type MachineId } from '@decoraft/protocol';
import { decodeFirstFormat, decodeHead, type MachinePart, type ReplicaImage } from './image.js';
import { joinBytes } from './join-bytes.js';

/**
 * Format 4 is a stream: its first byte, the head with its length, then every machine's part, by the ids of the
 * machines. A part is the machine's id and blocks with a length each, of which the last has length 0; so nobody needs
 * to know how long a part is before its end. Behind the last part stands the byte 0, before every part the byte 1.
 *
 * Format 3 said nothing of the versions of machines; format 2 said less in its head, and named with every subscription the
 * events that wait for it; format 1 was one array. A build reads the formats that it knows, and writes the last.
 */
const FORMAT = 4;
const STREAM_FORMATS: ReadonlySet<number> = new Set([FORMAT, 3, 2]);
const FIRST_FORMAT = 1;
const [PART, END] = [1, 0];

/** Of every chunk of an image but the last. */
export const CHUNK_BYTES = 256 * 1024;
/** Of every block but the last of a part: where blocks end is part of the image, so it depends on nothing else. */
const BLOCK_BYTES = 128 * 1024;

/** What stands behind the head is the same in all formats but the first. */
export const isStreamFormat = (format: number): boolean => STREAM_FORMATS.has(format);

export const headBytes = (head: Uint8Array): Uint8Array =>
  new ByteWriter(head.length + 8).u8(FORMAT).bytes(head).finish();

export const partHead = (machine: MachineId): Uint8Array => new ByteWriter(8).u8(PART).u32(machine).finish();

export const partEnd = (): Uint8Array => new ByteWriter(4).u32(0).finish();

export const imageEnd = (): Uint8Array => Uint8Array.of(END);

/** Gathers bytes, and gives them in arrays of one length. */
export class Cutter {
  readonly #length: number;
  readonly #pieces: Uint8Array[] = [];
  #waiting = 0;

  constructor(length: number) {
    this.#length = length;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes);
    this.#waiting += bytes.length;
  }

  /** The next array of full length; `undefined` until it is full. Of its own memory. */
  full(): Uint8Array | undefined {
    return this.#waiting >= this.#length ? this.#cut(this.#length) : undefined;
  }

  /** What is left behind the last full one; `undefined` when that is nothing. */
  rest(): Uint8Array | undefined {
    return this.#waiting > 0 ? this.#cut(this.#waiting) : undefined;
  }

  #cut(length: number): Uint8Array {
    const cut = new Uint8Array(length);
    let [at, used] = [0, 0];
    for (const [number, piece] of this.#pieces.entries()) {
      const part = piece.subarray(0, length - at);
      cut.set(part, at);
      at += part.length;
      if (part.length < piece.length) {
        this.#pieces[number] = piece.subarray(part.length);
        break;
      }
      used = number + 1;
      if (at === length) break;
    }
    this.#pieces.splice(0, used);
    this.#waiting -= length;
    return cut;
  }
}

/** Blocks of a part from its bytes. */
export class BlockWriter {
  readonly #cutter = new Cutter(BLOCK_BYTES);

  *add(bytes: Uint8Array): Iterable<Uint8Array> {
    this.#cutter.add(bytes);
    for (let block = this.#cutter.full(); block; block = this.#cutter.full()) yield asBlock(block);
  }

  *end(): Iterable<Uint8Array> {
    const rest = this.#cutter.rest();
    if (rest) yield asBlock(rest);
    yield partEnd();
  }
}

const asBlock = (bytes: Uint8Array): Uint8Array => new ByteWriter(bytes.length + 4).bytes(bytes).finish();

/** Reads an image from its chunks, however they are cut. */
export class ImageReader {
  readonly #parser = parse();
  #step: IteratorResult<number, ReplicaImage>;
  /** What was pushed and not parsed yet. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor() {
    this.#step = this.#parser.next();
  }

  /** @param chunk Is not kept. @throws DecoraftError `Corrupted` */
  push(chunk: Uint8Array): void {
    // Not `chunk.slice()`: that of a Buffer is a view.
    this.#waiting.push(new Uint8Array(chunk));
    this.#waitingBytes += chunk.length;
    while (this.#step.done !== true && this.#step.value <= this.#waitingBytes) {
      this.#step = this.#parser.next(this.#take(this.#step.value));
    }
  }

  /** The image, when the last chunk was pushed. @throws DecoraftError `Corrupted` */
  end(): ReplicaImage {
    // Format 1 says nowhere how long it is: it is asked for with a length that nobody has.
    if (this.#step.done !== true && this.#step.value === Infinity) {
      this.#step = this.#parser.next(this.#take(this.#waitingBytes));
    }
    if (this.#step.done !== true) throw corrupted(`it ends before its last ${this.#step.value} bytes`);
    if (this.#waitingBytes > 0) throw corrupted(`${this.#waitingBytes} bytes stand behind its end`);
    return this.#step.value;
  }

  #take(length: number): Uint8Array {
    const [first] = this.#waiting;
    const bytes = first && this.#waiting.length === 1 ? first : joinBytes(this.#waiting);
    this.#waiting = bytes.length > length ? [bytes.subarray(length)] : [];
    this.#waitingBytes = bytes.length - length;
    return bytes.subarray(0, length);
  }
}

type Parser<Result> = Generator<number, Result, Uint8Array>;

/** Asks for so many bytes with every `yield`, and is given them. */
function* parse(): Parser<ReplicaImage> {
  const format = new ByteReader(yield 1).u8();
  if (format === FIRST_FORMAT) return decodeFirstFormat(yield Infinity);
  if (!isStreamFormat(format)) throw corrupted(`format ${format} is not known to this build`);
  const head = decodeHead(yield* sized(), format);
  const parts: MachinePart[] = [];
  for (let tag = yield* byte(); tag !== END; tag = yield* byte()) {
    if (tag !== PART) throw corrupted(`${tag} is no mark of a machine's part`);
    const machine = new ByteReader(yield 4).u32() as MachineId;
    if (machine <= (parts.at(-1)?.machine ?? -1)) throw corrupted(`machine ${machine} is out of order`);
    parts.push({ machine, state: yield* blocks() });
  }
  return { ...head, parts };
}

function* byte(): Parser<number> {
  return new ByteReader(yield 1).u8();
}

function* sized(): Parser<Uint8Array> {
  return yield new ByteReader(yield 4).u32();
}

function* blocks(): Parser<Uint8Array> {
  const blocksOfPart: Uint8Array[] = [];
  for (let block = yield* sized(); block.length > 0; block = yield* sized()) {
    blocksOfPart.push(block);
  }
  return joinBytes(blocksOfPart);
}

function corrupted(what: string): DecoraftError {
  return new DecoraftError('Corrupted', `a replica's image cannot be read: ${what}`);
}
