/** What a verb may do to the world outside of files: a port, so that tests can stand in. */
export interface Terminal {
  /** The directory in which the command was given, absolute. */
  readonly cwd: string;
  /** Writes a line to the standard output. */
  readonly print: (line: string) => void;
  /** Writes a line to the standard error. */
  readonly printError: (line: string) => void;
  /**
   * Writes a line that the next one replaces. Only where a person looks: undefined when the standard output is a file
   * or a pipe. Whoever used it ends with an empty line.
   */
  readonly printOver: ((line: string) => void) | undefined;
  /** Resolves when the user wants a command that runs for ever to end. */
  readonly untilInterrupted: () => Promise<void>;
}

/** What the shell gets: problems or stale files are a 1, a command that was not understood is a 2. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The command was not understood. */
export class UsageError extends Error {
  override name = 'UsageError';
}
