import { cmd, qry, StateMachine } from 'decoraft';

/** What was brought for a task. */
export interface Result {
  readonly worker: string;
  /** Of the delivery for which it was done. */
  readonly receipt: number;
}

/** What workers bring. A worker that was paused may bring its result after the task was given to another one. */
export class Results extends StateMachine {
  /** The receipt that was seen last, for each task that was begun. */
  private readonly begun = new Map<number, number>();
  private readonly done = new Map<number, Result>();

  /** A worker begins with a task. Gives whether nobody has begun with it under a later receipt. */
  @cmd begin(task: number, receipt: number): boolean {
    if (receipt < (this.begun.get(task) ?? 0)) return false;
    this.begun.set(task, receipt);
    return true;
  }

  /** A worker brings a result. Gives whether it was taken: not when another one has begun under a later receipt. */
  @cmd finish(task: number, receipt: number, worker: string): boolean {
    if (!this.begin(task, receipt)) return false;
    if (!this.done.has(task)) this.done.set(task, { worker, receipt });
    return true;
  }

  @qry count(): number {
    return this.done.size;
  }

  @qry resultOf(task: number): Result | undefined {
    return this.done.get(task);
  }
}
