/** First in, first out, as plain data. A Map that is emptied from its front is slow to find what is first; this is not. */
export interface Fifo<Value> {
  /** The place of the first that is in. */
  first: number;
  /** The place of the next that comes. */
  next: number;
  readonly places: Map<number, Value>;
}

export function emptyFifo<Value>(): Fifo<Value> {
  return { first: 0, next: 0, places: new Map() };
}

export function push<Value>(fifo: Fifo<Value>, value: Value): void {
  fifo.places.set(fifo.next++, value);
}

/** The first, which stays in; `undefined` when none is in. */
export function peek<Value>({ first, places }: Fifo<Value>): Value | undefined {
  return places.get(first);
}

/** Takes the first out; `undefined` when none is in. */
export function shift<Value>(fifo: Fifo<Value>): Value | undefined {
  const value = fifo.places.get(fifo.first);
  if (fifo.places.delete(fifo.first)) fifo.first += 1;
  return value;
}
