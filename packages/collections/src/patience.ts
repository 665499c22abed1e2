import { type CallOptions, DecoraftError, onAbort } from 'decoraft/client';
import { persist, seeToIt } from './persistence.js';
import type { News, Visit, Visits } from './visit.js';

/** How long to wait for something that others have. */
export interface WaitOptions {
  /**
   * Gives up after so many milliseconds, with `DeadlineExceeded`; 0 does not wait at all. Without it there is no limit:
   * leaders that change, and a cluster that is away for a while, are waited for as well. At most 2,147,483,647.
   */
  readonly waitMs?: number;
  /** Gives up when it is aborted: rejects with its reason. */
  readonly signal?: AbortSignal;
}

/** Beyond this, timers of JavaScript fire at once. */
const MAX_WAIT_MS = 0x7fff_ffff;

/** One question of a visitor, and what it is about. */
export interface Wish<Told extends News, Answer extends { readonly kind: string }> {
  /** For error messages: `lock printer`. */
  readonly what: string;
  /** Asks, under a number that is used for this question only, and as the options say. */
  readonly ask: (visit: Visit<Told>, request: number, options: CallOptions) => Promise<Answer>;
  /** Takes it back, whether it was granted or not. Must do no harm when it is asked twice. */
  readonly takeBack: (visit: Visit<Told>, request: number) => Promise<unknown>;
  /** Told what comes after the answer, as long as the visit lasts. */
  readonly onFurther?: (news: Told) => void;
}

/** A wish that was answered at once, or by news later. */
export interface Fulfilled<Told, Answer> {
  readonly request: number;
  readonly answer: Answer | Told;
  /** Nobody wants to be told what comes after the answer any more. */
  readonly stop: () => void;
}

/**
 * Asks, and waits where the answer is `waiting`. One that is given up is taken back, in the background and for as long
 * as it takes, so that nothing is granted to nobody.
 */
export async function fulfil<Told extends News, Answer extends { readonly kind: string }>(
  visits: Visits<Told>,
  wish: Wish<Told, Answer>,
  options: WaitOptions,
): Promise<{ readonly visit: Visit<Told> } & Fulfilled<Told, Answer>> {
  checkWaiting(options);
  const patience = new Patience(wish.what, options);
  try {
    for (;;) {
      const visit = await patience.bear(persist(visits.cluster, () => visits.current(), patience));
      const fulfilled = await askOnce(visits, visit, wish, patience);
      if (fulfilled) return { visit, ...fulfilled };
      visit.end(new DecoraftError('SessionExpired', `${wish.what}: the session has ended`));
    }
  } finally {
    patience.end();
  }
}

/** Gives `undefined` where the machine knows the visitor no more. */
async function askOnce<Told extends News, Answer extends { readonly kind: string }>(
  { cluster }: Visits<Told>,
  visit: Visit<Told>,
  { ask, onFurther, takeBack }: Wish<Told, Answer>,
  patience: Patience,
): Promise<Fulfilled<Told, Answer> | undefined> {
  const request = visit.nextRequest();
  let isAnswered = false;
  let stop!: () => void;
  let forgetEnd!: () => void;
  // News may overtake the answer.
  const news = new Promise<Told>((resolve, reject) => {
    stop = visit.listen(request, (told) => {
      resolve(told);
      if (isAnswered) onFurther?.(told);
      isAnswered = true;
    });
    forgetEnd = visit.onEnd(reject);
  });
  news.catch(() => undefined);
  try {
    const answer = await patience.bear(
      persist(cluster, () => ask(visit, request, patience.options), patience),
    );
    if (answer.kind === 'unknown-visitor') return undefined;
    if (answer.kind === 'waiting') return { request, answer: await patience.bear(news), stop };
    isAnswered = true;
    return { request, answer, stop };
  } catch (thrown) {
    stop();
    const isOver = (): boolean => visit.reason !== undefined;
    if (!isOver()) seeToIt(cluster, () => takeBack(visit, request), isOver);
    throw thrown;
  } finally {
    if (!onFurther) stop();
    forgetEnd();
  }
}

function checkWaiting({ waitMs }: WaitOptions): void {
  if (waitMs === undefined || (typeof waitMs === 'number' && waitMs >= 0 && waitMs <= MAX_WAIT_MS)) return;
  const words = `waitMs is ${String(waitMs)}: a number of milliseconds from 0 to ${MAX_WAIT_MS}`;
  throw new DecoraftError('InvalidArgument', words);
}

/** What somebody has who would not wait. */
export function isTaken(what: string): DecoraftError {
  return new DecoraftError('DeadlineExceeded', `${what} is not free, and was not to be waited for`);
}

/** The limit of one wait: a time, and a signal. */
class Patience {
  /** Of the calls: who waits wants an answer whenever it comes, and none when it is over. */
  readonly options: CallOptions;
  readonly #isLasting: boolean;
  readonly #over: Promise<never>;
  readonly #release: () => void;
  #isOver = false;

  constructor(what: string, { signal, waitMs }: WaitOptions) {
    const over = new AbortController();
    this.#isLasting = waitMs !== 0;
    this.options = { signal: over.signal, ...(this.#isLasting && { timeoutMs: MAX_WAIT_MS }) };
    let fail!: (reason: unknown) => void;
    this.#over = new Promise<never>((_resolve, reject) => (fail = reject));
    this.#over.catch(() => undefined);
    const giveUp = (reason: unknown): void => {
      this.#isOver = true;
      fail(reason);
      over.abort(reason);
    };
    const leaveSignal = onAbort(signal, () => giveUp(signal?.reason));
    const late = (): void =>
      giveUp(
        new DecoraftError('DeadlineExceeded', `${what}: not within ${waitMs} ms; it is waited for no longer`),
      );
    const timer = waitMs === undefined || waitMs === 0 ? undefined : setTimeout(late, waitMs);
    this.#release = () => {
      this.#isOver = true;
      leaveSignal();
      clearTimeout(timer);
    };
  }

  /** Whether a call that failed is the last. */
  readonly isOver = (): boolean => this.#isOver || !this.#isLasting;

  /** What comes first: the work's end, or that of the patience. */
  bear<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([this.#over, work]);
  }

  end(): void {
    this.#release();
  }
}
