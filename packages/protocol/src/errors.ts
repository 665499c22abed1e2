import { CodedError, messageOf, plainMessage } from '@decoraft/base';

/** What the caller of a failed call does next; every code belongs to exactly one. */
export type NextStep =
  | 'fix the call'
  | 'ask another node'
  | 'try later'
  | 'may have happened'
  | 'sign in'
  | 'start over'
  | 'call an operator';

/** All codes that can reach a user, sorted by what the caller does next. Codes are never renamed. */
export const NEXT_STEP = {
  InvalidArgument: 'fix the call',
  NotFound: 'fix the call',
  Unimplemented: 'fix the call',
  SchemaMismatch: 'fix the call',
  CommandRejected: 'fix the call',
  Cancelled: 'fix the call',
  NotLeader: 'ask another node',
  Behind: 'ask another node',
  Overloaded: 'try later',
  Unavailable: 'try later',
  NoLeader: 'try later',
  DeadlineExceeded: 'try later',
  Indeterminate: 'may have happened',
  Unauthenticated: 'sign in',
  PermissionDenied: 'sign in',
  SessionExpired: 'start over',
  SubscriptionOverflow: 'start over',
  Corrupted: 'call an operator',
  DiskFailed: 'call an operator',
  DiskFull: 'call an operator',
  ClusterMismatch: 'call an operator',
  Internal: 'call an operator',
} as const satisfies Record<string, NextStep>;

export type ErrorCode = keyof typeof NEXT_STEP;

export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(NEXT_STEP, code);
}

/** The error that a user of Decoraft sees: compare `code`, follow `nextStep`, read `message`. */
export class DecoraftError extends CodedError {
  override name = 'DecoraftError';
  declare readonly code: ErrorCode;

  /**
   * @param code One of the table {@link NEXT_STEP}.
   * @param message What was wrong, where, and what to do next.
   * @param options `cause` keeps what led here; `data` is for programs, its shape belongs to the code.
   */
  constructor(
    code: ErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly data?: unknown } = {},
  ) {
    super(code, message, options);
  }

  get nextStep(): NextStep {
    return NEXT_STEP[this.code];
  }

  /** Any thrown thing as a {@link DecoraftError}: known codes stay, everything else is `Internal`. */
  static from(thrown: unknown): DecoraftError {
    if (thrown instanceof DecoraftError) return thrown;
    if (thrown instanceof CodedError && isErrorCode(thrown.code)) {
      return new DecoraftError(thrown.code, plainMessage(thrown), { cause: thrown, data: thrown.data });
    }
    return new DecoraftError('Internal', messageOf(thrown), { cause: thrown });
  }
}
