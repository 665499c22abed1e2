/** What is put into the queue. */
export interface Task {
  readonly number: number;
  /** How long it takes, in milliseconds. */
  readonly workMs: number;
}

/** The queue's name. */
export const TASKS = 'tasks';
