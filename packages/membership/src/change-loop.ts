import { createDeferred, type Deferred } from '@decoraft/base';
import { DecoraftError } from '@decoraft/protocol';
import type { MembershipChange } from './records.js';

/** Changes that wait for a loop that is late. */
const LIMIT = 10_000;

/** The changes for one loop, in order; what has arrived is given before the end is told. */
export class ChangeLoop implements AsyncIterableIterator<MembershipChange> {
  readonly #onOver: () => void;
  #queue: MembershipChange[] = [];
  #over: { readonly error: DecoraftError | undefined } | undefined;
  #wake: Deferred<void> | undefined;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  push(change: MembershipChange): void {
    if (this.#over) return;
    if (this.#queue.length >= LIMIT) {
      return this.fail(new DecoraftError('SubscriptionOverflow', `the loop is ${LIMIT} changes late`));
    }
    this.#queue.push(change);
    this.#awake();
  }

  end(): void {
    this.#finish(undefined);
  }

  fail(error: DecoraftError): void {
    this.#finish(error);
  }

  async next(): Promise<IteratorResult<MembershipChange, undefined>> {
    for (;;) {
      const change = this.#queue.shift();
      if (change) return { done: false, value: change };
      if (this.#over) {
        const { error } = this.#over;
        this.#over = { error: undefined };
        if (error) throw error;
        return { done: true, value: undefined };
      }
      this.#wake ??= createDeferred<void>();
      await this.#wake.promise;
    }
  }

  return(): Promise<IteratorResult<MembershipChange, undefined>> {
    this.#queue = [];
    this.#finish(undefined);
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(error: DecoraftError | undefined): void {
    this.#over ??= { error };
    this.#onOver();
    this.#awake();
  }

  #awake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.resolve();
  }
}
