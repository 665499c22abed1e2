/** Somebody who waits for room. */
export interface Ticket {
  /** Resolves when there is room, which is taken then. */
  readonly entered: Promise<void>;
  /** Waits no longer; room that was given in the meantime goes to the next one. */
  giveUp(): void;
}

/** Lets a limited number in at a time, and the others in the order in which they came. */
export class Window {
  readonly #limit: number;
  /** In order of arrival. */
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes room when there is some and nobody waits for it. */
  tryEnter(): boolean {
    if (this.#inside >= this.#limit) return false;
    this.#inside++;
    return true;
  }

  /** Waits for room; for those whom `tryEnter` refused. */
  wait(): Ticket {
    let enter!: () => void;
    let hasEntered = false;
    const entered = new Promise<void>((resolve) => {
      enter = () => {
        hasEntered = true;
        resolve();
      };
    });
    this.#waiting.add(enter);
    return {
      entered,
      giveUp: () => {
        if (hasEntered) this.leave();
        else this.#waiting.delete(enter);
      },
    };
  }

  /** Gives room back: the one who has waited longest takes it over. */
  leave(): void {
    const [next] = this.#waiting;
    if (!next) {
      this.#inside--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
