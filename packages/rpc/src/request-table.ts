import type { ClientRequest } from './client-request.js';

const LAST_ID = 0xffff_ffff;

/** The requests that a channel waits on, by the number under which they were sent. */
export class RequestTable {
  readonly #requests = new Map<number, ClientRequest>();
  #lastId = 0;

  get size(): number {
    return this.#requests.size;
  }

  /** A number that no request has now, and none had for the last four billion: a late reply finds nobody. */
  nextId(): number {
    do this.#lastId = this.#lastId === LAST_ID ? 1 : this.#lastId + 1;
    while (this.#requests.has(this.#lastId));
    return this.#lastId;
  }

  add(requestId: number, request: ClientRequest): void {
    this.#requests.set(requestId, request);
  }

  get(requestId: number): ClientRequest | undefined {
    return this.#requests.get(requestId);
  }

  /** Takes it out, so that it ends once; undefined when it has ended already. */
  take(requestId: number): ClientRequest | undefined {
    const request = this.#requests.get(requestId);
    if (!request) return undefined;
    this.#requests.delete(requestId);
    request.release();
    return request;
  }

  /** The numbers of those whose deadline has passed at `nowMs`, and the earliest deadline of the others. */
  due(nowMs: number): { readonly requestIds: readonly number[]; readonly nextDeadlineMs: number } {
    const requestIds: number[] = [];
    let nextDeadlineMs = Infinity;
    for (const [requestId, { deadlineMs }] of this.#requests) {
      if (deadlineMs <= nowMs) requestIds.push(requestId);
      else nextDeadlineMs = Math.min(nextDeadlineMs, deadlineMs);
    }
    return { requestIds, nextDeadlineMs };
  }

  /** Takes all of them out. */
  takeAll(): readonly ClientRequest[] {
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    for (const request of requests) request.release();
    return requests;
  }
}
