/** Something that will happen. */
export interface HeapEvent {
  readonly dueMs: number;
  /** In the order of their making, where they are due together. */
  readonly sequence: number;
  isCancelled: boolean;
}

/** Below this, cancelled events are not worth clearing out. */
const LEAST_CLEARED = 1_024;

/** A binary heap by due time and then by sequence. Cancelled events are passed over, and cleared out when they are many. */
export class EventHeap<Event extends HeapEvent> {
  #events: Event[] = [];
  #cancelled = 0;

  push(event: Event): void {
    this.#events.push(event);
    this.#rise(this.#events.length - 1);
  }

  cancel(event: Event): void {
    if (event.isCancelled) return;
    event.isCancelled = true;
    this.#cancelled += 1;
    if (this.#cancelled > LEAST_CLEARED && this.#cancelled * 2 > this.#events.length) this.#clearOut();
  }

  /** Takes the first event that is not cancelled; `undefined` when there is none. */
  pop(): Event | undefined {
    for (let first = this.#take(); first; first = this.#take()) {
      if (!first.isCancelled) return first;
      this.#cancelled -= 1;
    }
    return undefined;
  }

  #take(): Event | undefined {
    const first = this.#events[0];
    const last = this.#events.pop();
    if (first && last && first !== last) {
      this.#events[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #clearOut(): void {
    this.#events = this.#events.filter((event) => !event.isCancelled);
    this.#cancelled = 0;
    // A sorted array is a heap; the order is total, so this cannot change what comes out.
    this.#events.sort((left, right) => left.dueMs - right.dueMs || left.sequence - right.sequence);
  }

  #rise(from: number): void {
    const events = this.#events;
    const event = events[from] as Event;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = events[parent] as Event;
      if (!isBefore(event, above)) break;
      events[at] = above;
      at = parent;
    }
    events[at] = event;
  }

  #sink(from: number): void {
    const events = this.#events;
    const event = events[from] as Event;
    let at = from;
    for (let child = 2 * at + 1; child < events.length; child = 2 * at + 1) {
      const right = events[child + 1];
      if (right && isBefore(right, events[child] as Event)) child += 1;
      const below = events[child] as Event;
      if (!isBefore(below, event)) break;
      events[at] = below;
      at = child;
    }
    events[at] = event;
  }
}

function isBefore(left: HeapEvent, right: HeapEvent): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.sequence < right.sequence);
}
