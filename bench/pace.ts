const TICK_MS = 2;

/** Begins something at a steady rate, whether what was begun before has ended or not. */
export class Pace {
  readonly #intervalMs: number;
  readonly #act: (number: number) => Promise<void>;
  #begun = 0;

  constructor(perSecond: number, act: (number: number) => Promise<void>) {
    this.#intervalMs = 1_000 / perSecond;
    this.#act = act;
  }

  /**
   * Goes on until `work` has ended, and waits for what is under way.
   *
   * @returns How long each took, in milliseconds, from when it was due: what could not begin in time is late as well.
   */
  async whileRunning(work: () => Promise<void>): Promise<readonly number[]> {
    const latenciesMs: number[] = [];
    const underWay: Promise<void>[] = [];
    let dueMs = performance.now();
    const one = async (due: number): Promise<void> => {
      await this.#act(this.#begun++);
      latenciesMs.push(performance.now() - due);
    };
    const timer = setInterval(() => {
      for (; dueMs <= performance.now(); dueMs += this.#intervalMs) underWay.push(one(dueMs));
    }, TICK_MS);
    try {
      await work();
    } finally {
      clearInterval(timer);
    }
    await Promise.all(underWay);
    return latenciesMs;
  }
}
