import type { Damage } from './inspection.js';
import { StorageError, systemCode } from './storage-error.js';

/** Gathers what is damaged, each place once. */
export class Damages {
  readonly all: Damage[] = [];

  /** Whether anything is wrong with `file`. */
  isIn(file: string): boolean {
    return this.all.some((damage) => damage.file === file);
  }

  add(damage: Damage): void {
    const isKnown = this.all.some(({ file, offset }) => file === damage.file && offset === damage.offset);
    if (!isKnown) this.all.push(damage);
  }

  /** What `read` gives; `undefined` where it finds damage, which is noted. Any other error is thrown. */
  async noting<Result>(read: () => Result | Promise<Result>): Promise<Result | undefined> {
    try {
      return await read();
    } catch (error) {
      const damage = damageIn(error);
      if (!damage) throw error;
      this.add(damage);
      return undefined;
    }
  }
}

/** The damage that `read` finds, or that what it reads is gone; `undefined` for none. Any other error is thrown. */
export async function damageOf(read: () => Promise<unknown>): Promise<Damage | undefined> {
  try {
    await read();
    return undefined;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { file: '', offset: 0, problem: 'the file is gone' };
    const damage = damageIn(error);
    if (damage) return damage;
    throw error;
  }
}

function damageIn(error: unknown): Damage | undefined {
  if (!(error instanceof StorageError) || error.code !== 'Corrupted') return undefined;
  const { file = '', offset = 0, problem = error.message } = (error.data ?? {}) as Partial<Damage>;
  return { file, offset, problem };
}
