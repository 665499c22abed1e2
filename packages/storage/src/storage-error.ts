import { CodedError, messageOf } from '@decoraft/base';

/**
 * What went wrong, by what the caller does next:
 * - `InvalidArgument`: fix the call (a batch that leaves a gap, a directory of another node, an unusable path).
 * - `PermissionDenied`: give this user access to the path that the message names.
 * - `Unavailable`: the directory is in use by another process, or the log was closed.
 * - `Unimplemented`: the directory was written by a newer release; run that.
 * - `ClusterMismatch`: the directory belongs to another cluster.
 * - `DiskFailed`: a write or flush failed. What was not yet acknowledged may or may not be on disk; the process
 *   ends and recovers by opening again.
 * - `DiskFull`: there was no room for a snapshot, or for the first segment of a log. The log is as it was and goes on; make room, take another one later.
 * - `Corrupted`: what was durable is damaged. Nothing was changed; an operator decides.
 */
export type StorageErrorCode =
  | 'InvalidArgument'
  | 'PermissionDenied'
  | 'Unavailable'
  | 'Unimplemented'
  | 'ClusterMismatch'
  | 'DiskFailed'
  | 'DiskFull'
  | 'Corrupted';

/** The one error class of this package. */
export class StorageError extends CodedError {
  override name = 'StorageError';
  declare readonly code: StorageErrorCode;

  constructor(
    code: StorageErrorCode,
    message: string,
    options: { readonly cause?: unknown; readonly data?: unknown } = {},
  ) {
    super(code, message, options);
  }

  /** Whatever was thrown while doing `what`, as a StorageError; one that is it already stays as it is. */
  static from(thrown: unknown, what: string): StorageError {
    if (thrown instanceof StorageError) return thrown;
    const message = `${what}: ${messageOf(thrown)}`;
    return new StorageError(codeOf(systemCode(thrown)), message, { cause: thrown });
  }
}

/** Damage at a byte of a file; these and the problem are in `data` as well. */
export function corrupted(file: string, offset: number, problem: string, cause?: unknown): StorageError {
  const message =
    `${file}, byte ${offset}: ${problem}; nothing was changed. ` +
    `Keep the directory for examination, and replace this node by one with a new id and an empty directory`;
  return new StorageError('Corrupted', message, {
    data: { file, offset, problem },
    ...(cause ? { cause } : {}),
  });
}

export function isCorrupted(error: unknown): error is StorageError {
  return error instanceof StorageError && error.code === 'Corrupted';
}

/** The `code` that Node puts on errors of the operating system, such as `ENOSPC`. */
export function systemCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

function codeOf(system: string | undefined): StorageErrorCode {
  switch (system) {
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return 'PermissionDenied';
    case 'ENOTDIR':
    case 'EEXIST':
    case 'ENAMETOOLONG':
      return 'InvalidArgument';
    default:
      return 'DiskFailed';
  }
}
