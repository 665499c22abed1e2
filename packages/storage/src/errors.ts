import { CodedError } from '@decoraft/base';

/** What can go wrong with a disk: fix the call, stop and look (`Corrupted`), or end the node (`DiskFailed`). */
export type StorageErrorCode = 'InvalidArgument' | 'Corrupted' | 'DiskFailed';

export class StorageError extends CodedError {
  override name = 'StorageError';
  declare readonly code: StorageErrorCode;

  constructor(code: StorageErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(code, message, options);
  }
}

/** The damage at one place of a file. Nothing is changed by whoever finds it. */
export function corrupted(file: string, offset: number, what: string): StorageError {
  return new StorageError('Corrupted', `${file} at byte ${offset}: ${what}; nothing was changed`);
}
