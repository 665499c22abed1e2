/** Somebody waits for items, or has them. */
interface Who {
  readonly who: number;
  readonly request: number;
  readonly visibilityMs: number;
}

interface Item {
  readonly id: number;
  attempts: number;
}

/** An item that is with somebody, or not to be seen yet, until a time. */
interface Away {
  readonly item: Item;
  readonly dueMs: number;
  /** Of two that are due together, the one that went first comes back first. */
  readonly turn: number;
  readonly holder?: Who & { readonly receipt: number };
}

export interface Given {
  readonly request: number;
  readonly items: readonly { readonly id: number; readonly attempts: number }[];
}

/** What a queue is, in the plainest words: a list of what is there, a list of what is away, and a list of who waits. */
export class PlainQueue {
  nowMs = 0;
  ready: Item[] = [];
  away: Away[] = [];
  receivers: (Who & { readonly max: number })[] = [];
  dead: number[] = [];
  #turns = 0;
  #receipts = 0;

  constructor(readonly maxAttempts: number) {}

  enqueue(id: number, delayMs: number): Given[] {
    const item = { id, attempts: 0 };
    if (delayMs === 0) return this.show([item]);
    this.away.push({ item, dueMs: this.nowMs + delayMs, turn: this.#turns++ });
    return [];
  }

  take({ max, ...who }: Who & { readonly max: number }): Given['items'] {
    return this.ready.splice(0, max).map((item) => {
      item.attempts += 1;
      const holder = { ...who, receipt: ++this.#receipts };
      this.away.push({ item, dueMs: this.nowMs + who.visibilityMs, turn: this.#turns++, holder });
      return { id: item.id, attempts: item.attempts };
    });
  }

  /** Puts items where others see them, one after the other. */
  show(items: readonly Item[]): Given[] {
    return items.flatMap((item) => {
      this.ready.push(item);
      const [first] = this.receivers;
      if (!first) return [];
      this.receivers.shift();
      return [{ request: first.request, items: this.take(first) }];
    });
  }

  comeBack(items: readonly Item[]): Given[] {
    return items.flatMap((item) => {
      if (item.attempts < this.maxAttempts) return this.show([item]);
      this.dead.push(item.id);
      return [];
    });
  }

  remove(isMeant: (one: Away) => boolean): Away[] {
    const meant = this.away.filter(isMeant);
    this.away = this.away.filter((one) => !meant.includes(one));
    return meant;
  }

  pass(durationMs: number): Given[] {
    this.nowMs += durationMs;
    const due = this.remove(({ dueMs }) => dueMs <= this.nowMs);
    return due
      .toSorted((one, other) => one.dueMs - other.dueMs || one.turn - other.turn)
      .flatMap(({ holder, item }) => (holder ? this.comeBack([item]) : this.show([item])));
  }

  reject(receipt: number, delayMs: number): Given[] {
    const [delivery] = this.remove(({ holder }) => holder?.receipt === receipt);
    if (!delivery) throw new Error(`no ${receipt}`);
    const { item } = delivery;
    if (delayMs === 0 || item.attempts >= this.maxAttempts) return this.comeBack([item]);
    this.away.push({ item, dueMs: this.nowMs + delayMs, turn: this.#turns++ });
    return [];
  }

  extend(receipt: number, visibilityMs: number): void {
    for (const one of this.remove(({ holder }) => holder?.receipt === receipt)) {
      this.away.push({ ...one, dueMs: this.nowMs + visibilityMs, turn: this.#turns++ });
    }
  }

  end(who: number): Given[] {
    this.receivers = this.receivers.filter((one) => one.who !== who);
    const theirs = this.remove(({ holder }) => holder?.who === who);
    const byReceipt = theirs.toSorted(
      (one, other) => (one.holder?.receipt ?? 0) - (other.holder?.receipt ?? 0),
    );
    return this.comeBack(byReceipt.map(({ item }) => item));
  }
}
