/** What every error of this project is: a stable code first, then words for a person, then the cause. */
export class CodedError extends Error {
  override name = 'CodedError';

  /**
   * @param code Stable across releases; programs compare this, never the message.
   * @param message What was wrong, where, and what to do next. The code is put in front of it.
   * @param options `cause` keeps the error that led here; `data` is anything a program may want to read.
   */
  constructor(
    readonly code: string,
    message: string,
    options: { readonly cause?: unknown; readonly data?: unknown } = {},
  ) {
    super(`${code}: ${message}`, 'cause' in options ? { cause: options.cause } : {});
    this.data = options.data;
  }

  readonly data: unknown;
}

/** A fact of the program itself did not hold. Never caught to go on: the one who sees it stops. */
export class InvariantViolation extends Error {
  override name = 'InvariantViolation';
}

/** States a fact that must hold; throws {@link InvariantViolation} with `fact` when it does not. */
export function assertInvariant(condition: boolean, fact: string): asserts condition {
  if (!condition) throw new InvariantViolation(fact);
}

/** Closes a `switch` over a discriminated union: the compiler proves that no case is missing. */
export function unreachable(value: never): never {
  throw new InvariantViolation(`unreachable: ${String(value)}`);
}

/** The words of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The words of anything that was thrown, without the code that a coded error puts in front of its own. */
export function plainMessage(thrown: unknown): string {
  const message = messageOf(thrown);
  const prefix = thrown instanceof CodedError ? `${thrown.code}: ` : '';
  return message.startsWith(prefix) ? message.slice(prefix.length) : message;
}
