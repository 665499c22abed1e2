import { DecoraftError } from 'decoraft/client';

/**
 * What was done with a delivery of a queue came too late: its time was over, or its receiver's session, and the item
 * may be somebody else's by now. Code `NotFound`.
 */
export class StaleReceipt extends DecoraftError {
  override name = 'StaleReceipt';
  readonly receipt: number;

  constructor(receipt: number, cause?: unknown) {
    super('NotFound', `receipt ${receipt} is not valid any more: the item may be somebody else's by now`, {
      cause,
    });
    this.receipt = receipt;
  }
}

/**
 * A barrier will never open for its parties, or they will never leave it together: the session of one of them has
 * ended. Those who come from now on are another generation. Code `Unavailable`.
 */
export class BrokenBarrier extends DecoraftError {
  override name = 'BrokenBarrier';
  readonly generation: number;

  constructor(barrier: string, generation: number) {
    const words = `barrier ${barrier}, generation ${generation}: the session of one of the parties has ended`;
    super('Unavailable', words, { data: { generation } });
    this.generation = generation;
  }
}
