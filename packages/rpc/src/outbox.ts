import { ByteWriter } from '@decoraft/base';
import { afterTurn } from './event-loop-turn.js';
import type { FrameSink } from './frames.js';
import { MAX_BATCH_BYTES } from './limits.js';
import type { Connection } from './transport.js';

const MIN_CAPACITY_BYTES = 512;

/**
 * Gathers the frames of one turn of the event loop into one message, hence one socket write: measured, four times
 * the calls per second of a write for each frame.
 */
export class Outbox implements FrameSink {
  readonly #connection: Connection;
  readonly #onFlushed: () => void;
  readonly #flush = () => this.flush();
  #batch: ByteWriter | undefined;
  #isScheduled = false;
  #isClosed = false;
  #capacityBytes = MIN_CAPACITY_BYTES;
  #flushCount = 0;

  /** @param onFlushed Called after a message was handed to the connection. */
  constructor(connection: Connection, onFlushed: () => void = () => undefined) {
    this.#connection = connection;
    this.#onFlushed = onFlushed;
  }

  /** What has not left yet: the batch, and what the connection still holds. */
  get bufferedBytes(): number {
    return (this.#batch?.length ?? 0) + this.#connection.bufferedBytes;
  }

  /** How many messages have been handed over: a frame written at count n has left when the count is above n. */
  get flushCount(): number {
    return this.#flushCount;
  }

  reserve(bytes: number): ByteWriter {
    if (this.#batch && this.#batch.length + bytes > MAX_BATCH_BYTES) this.flush();
    if (!this.#isScheduled) {
      this.#isScheduled = true;
      afterTurn(this.#flush);
    }
    return (this.#batch ??= new ByteWriter(Math.max(bytes, this.#capacityBytes)));
  }

  /** Hands over what there is, without waiting for the turn to end. */
  flush(): void {
    this.#isScheduled = false;
    const batch = this.#batch;
    if (!batch) return;
    this.#batch = undefined;
    if (this.#isClosed) return;
    this.#capacityBytes = Math.min(MAX_BATCH_BYTES, Math.max(MIN_CAPACITY_BYTES, batch.length * 1.25)) | 0;
    this.#flushCount += 1;
    this.#connection.send(batch.finish());
    this.#onFlushed();
  }

  /** What is written from now on goes nowhere. */
  close(): void {
    this.#isClosed = true;
    this.#batch = undefined;
  }
}
