import { cmd, qry, StateMachine } from 'decoraft';

/** Somebody sits there. */
export class Taken extends Error {
  readonly code = 'Taken';

  constructor(readonly data: { readonly by: string; readonly since: Date }) {
    super(`taken by ${data.by}`);
  }
}

/** Nobody may come any more. */
export class Full extends Error {
  readonly code = 'Full';
}

export class Seats extends StateMachine {
  private readonly taken = new Map<number, { readonly by: string; readonly since: Date }>();

  /**
   * @throws {Taken} When somebody else sits there.
   * @throws {Full} When all seats are taken.
   * @throws {RangeError} When there is no such seat.
   */
  @cmd take(seat: number, by: string): void {
    if (seat < 0) throw new RangeError(`no seat ${seat}`);
    const sitting = this.taken.get(seat);
    if (sitting) throw new Taken(sitting);
    if (this.taken.size >= 2) throw new Full('all seats are taken');
    this.taken.set(seat, { by, since: new Date(this.context.time) });
  }

  /** @throws {Full} When all seats are taken. */
  @qry free(): number {
    if (this.taken.size >= 2) throw new Full('all seats are taken');
    return 2 - this.taken.size;
  }
}
