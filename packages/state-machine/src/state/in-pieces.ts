/** Work that stops after every piece, some milliseconds long, so that others can have their turn. */
export type InPieces<Result> = Generator<void, Result>;

/** Lets others have their turn. */
export type GiveWay = () => Promise<void>;

export function atOnce<Result>(work: InPieces<Result>): Result {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

export async function piecewise<Result>(work: InPieces<Result>, giveWay: GiveWay): Promise<Result> {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
    await giveWay();
  }
}
