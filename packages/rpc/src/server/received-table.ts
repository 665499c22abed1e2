import { MalformedBytes, unreachable } from '@decoraft/base';
import { RpcError } from '../errors.js';
import { ReceivedItems } from './received-items.js';
import type { Responder } from './responder.js';
import type { ServiceGate } from './service-gate.js';
import type { Turnstile } from './turnstile.js';

interface Received {
  readonly items: ReceivedItems;
  readonly gate: ServiceGate | undefined;
}

/** What the callers of one connection send into their requests, until they say that no more comes. */
export class ReceivedTable {
  readonly #turnstile: Turnstile;
  readonly #responder: Responder;
  /** Also of requests that were answered: their callers owe us the end, and what is on its way is no offence. */
  readonly #items = new Map<number, Received>();

  constructor(turnstile: Turnstile, responder: Responder) {
    this.#turnstile = turnstile;
    this.#responder = responder;
  }

  has(requestId: number): boolean {
    return this.#items.has(requestId);
  }

  get size(): number {
    return this.#items.size;
  }

  /** Grants the caller its first credit; room for that was taken before. */
  open(requestId: number, windowBytes: number, gate: ServiceGate | undefined): ReceivedItems {
    const items = new ReceivedItems(windowBytes, {
      grant: (bytes) => this.#responder.grant(requestId, bytes),
      tryEnter: (bytes) => this.#turnstile.tryEnter(bytes),
      leave: (bytes) => this.#turnstile.leave(bytes),
    });
    this.#items.set(requestId, { items, gate });
    this.#responder.grant(requestId, windowBytes);
    return items;
  }

  /**
   * An item has come. Gives the error with which its request has to end, if it has.
   *
   * @throws MalformedBytes When it was not asked for.
   */
  item(requestId: number, payload: Uint8Array): RpcError | undefined {
    const received = this.#items.get(requestId);
    if (!received) throw new MalformedBytes(`request ${requestId} takes no items`);
    const outcome = received.items.item(payload);
    switch (outcome) {
      case 'taken':
        return received.gate?.refusalOf(payload.length);
      case 'no room':
        return new RpcError('Overloaded', `no room for an item of ${payload.length} bytes`);
      case 'no credit':
        throw new MalformedBytes(`an item for request ${requestId} is more than was granted`);
      default:
        return unreachable(outcome);
    }
  }

  /** No more come. The request may have been refused, or answered meanwhile. */
  end(requestId: number): void {
    this.#items.get(requestId)?.items.end();
    this.#items.delete(requestId);
  }

  /** No more come, and nobody wants those that did. */
  cancel(requestId: number): void {
    this.#items.delete(requestId);
  }

  clear(): void {
    this.#items.clear();
  }
}
