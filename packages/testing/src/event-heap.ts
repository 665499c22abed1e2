import { Heap } from '@decoraft/base';

/** Something that will happen. */
export interface HeapEvent {
  readonly dueMs: number;
  /** In the order of their making, where they are due together. */
  readonly sequence: number;
  isCancelled: boolean;
}

/** Below this, cancelled events are not worth clearing out. */
const LEAST_CLEARED = 1_024;

/** Events by due time and then by sequence. Cancelled events are passed over, and cleared out when they are many. */
export class EventHeap<Event extends HeapEvent> {
  readonly #events = new Heap<Event>(isBefore);
  #cancelled = 0;

  push(event: Event): void {
    this.#events.push(event);
  }

  cancel(event: Event): void {
    if (event.isCancelled) return;
    event.isCancelled = true;
    this.#cancelled += 1;
    if (this.#cancelled <= LEAST_CLEARED || this.#cancelled * 2 <= this.#events.size) return;
    this.#events.keep((kept) => !kept.isCancelled);
    this.#cancelled = 0;
  }

  /** Takes the first event that is not cancelled; `undefined` when there is none. */
  pop(): Event | undefined {
    for (let first = this.#events.take(); first; first = this.#events.take()) {
      if (!first.isCancelled) return first;
      this.#cancelled -= 1;
    }
    return undefined;
  }
}

function isBefore(left: HeapEvent, right: HeapEvent): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.sequence < right.sequence);
}
