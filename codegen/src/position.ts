/** Where something stands in the user's source. */
export interface Position {
  /** Relative to the directory of the run, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}
