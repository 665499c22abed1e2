import { CodedError, messageOf, plainMessage } from '@decoraft/base';

/**
 * What went wrong, by what the caller does next: fix the call (`InvalidArgument`, `NotFound`, `Unimplemented`),
 * try later (`Overloaded`, `Unavailable`), give it more time (`DeadlineExceeded`), nothing, since it asked for it
 * (`Cancelled`), sign in (`Unauthenticated`, `PermissionDenied`), read the server's log (`Internal`).
 */
export type RpcErrorCode =
  | 'InvalidArgument'
  | 'NotFound'
  | 'Unimplemented'
  | 'Overloaded'
  | 'Unavailable'
  | 'DeadlineExceeded'
  | 'Cancelled'
  | 'Unauthenticated'
  | 'PermissionDenied'
  | 'Internal';

const codes: ReadonlySet<string> = new Set<RpcErrorCode>([
  'InvalidArgument',
  'NotFound',
  'Unimplemented',
  'Overloaded',
  'Unavailable',
  'DeadlineExceeded',
  'Cancelled',
  'Unauthenticated',
  'PermissionDenied',
  'Internal',
]);

export interface RpcErrorOptions {
  readonly cause?: unknown;
  readonly data?: unknown;
  /** See {@link RpcError.sent}; false when left out. */
  readonly sent?: boolean;
  /** See {@link RpcError.retryAfterMs}. */
  readonly retryAfterMs?: number | undefined;
}

/** What the RPC layer itself has to say. What a handler has to say arrives as a {@link RemoteError}. */
export class RpcError extends CodedError {
  override name = 'RpcError';
  declare readonly code: RpcErrorCode;

  /**
   * Whether the other side's handler may have seen the request. `false` is certain: the request never left, or
   * the server refused it before its handler. `true` leaves it open, and whoever must not act twice has to ask.
   */
  readonly sent: boolean;

  /** How long to wait before the next attempt, when the one who refused knows. */
  readonly retryAfterMs: number | undefined;

  constructor(code: RpcErrorCode, message: string, options: RpcErrorOptions = {}) {
    super(code, message, options);
    this.sent = options.sent ?? false;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** Anything thrown as an error of this layer: its own kind stays, a known code is kept, the rest is `Internal`. */
  static from(thrown: unknown): RpcError {
    if (thrown instanceof RpcError) return thrown;
    if (thrown instanceof CodedError && isRpcErrorCode(thrown.code)) {
      return new RpcError(thrown.code, plainMessage(thrown), { cause: thrown, data: thrown.data });
    }
    return new RpcError('Internal', messageOf(thrown), { cause: thrown });
  }
}

/** What the handler on the other side threw: the same code, the same words, and its data if they could travel. */
export class RemoteError extends CodedError {
  override name = 'RemoteError';
}

/** Whether `code` is one that the RPC layer itself uses. */
export function isRpcErrorCode(code: string): code is RpcErrorCode {
  return codes.has(code);
}
