import type { Clock, Logger } from '@decoraft/base';
import { StorageError, systemCode } from './storage-error.js';

/** Whether a write was refused because there was no room for it: nothing that was durable is in doubt. */
export function isDiskFull(error: unknown): boolean {
  return error instanceof StorageError && error.code === 'DiskFull';
}

/** Does `write`, which flushes nothing; when there is no room for it, rejects with `DiskFull` and says so of `what`. */
export async function whileThereIsRoom<Result>(
  path: string,
  what: string,
  write: () => Promise<Result>,
): Promise<Result> {
  try {
    return await write();
  } catch (error) {
    const code = systemCode(error);
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error;
    const message = `${path}: there is no room for ${what}; the log is as it was`;
    throw new StorageError('DiskFull', message, { cause: error });
  }
}

const RETRY_AFTER_MS = 1_000;

export interface DiskRoomOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told when there is no room, and when there is again. */
  readonly onDiskFull: (isFull: boolean) => void;
}

/** Waits for room on the disk, however long that takes. */
export class DiskRoom {
  readonly #options: DiskRoomOptions;
  #isGivenUp = false;
  #wake: (() => void) | undefined;

  constructor(options: DiskRoomOptions) {
    this.#options = options;
  }

  /** Does `work` again and again until there is room for it. Any other failure is one. */
  async waitFor<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let isFirst = true; ; isFirst = false) {
      try {
        const result = await work();
        if (!isFirst) this.#tell(false, 'there is room for the log again');
        return result;
      } catch (error) {
        if (!isDiskFull(error) || this.#isGivenUp) throw error;
        if (isFirst) this.#tell(true, `the log waits for room on the disk: ${String(error)}`);
        await this.#pause();
        if (this.#isGivenUp) throw error;
      }
    }
  }

  /** Waits no more: what waits fails, and so does what finds no room from now on. */
  giveUp(): void {
    this.#isGivenUp = true;
    this.#wake?.();
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(RETRY_AFTER_MS, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  #tell(isFull: boolean, message: string): void {
    this.#options.logger.log('warn', message, {});
    this.#options.onDiskFull(isFull);
  }
}
