import type { Change } from '../processes/journal.machine.js';
import { commandName } from '../processes/calls.js';

/** All changes of every key, in order, as the one subscriber heard them whom no proxy stands before. */
export class Truth {
  readonly #changes = new Map<string, Change[]>();
  readonly #byCommand = new Map<string, Change>();
  readonly #gaps: string[] = [];

  heard(change: Change): void {
    const { client, key, number, version } = change;
    const changes = this.#changes.get(key) ?? [];
    this.#changes.set(key, changes);
    if (version !== changes.length + 1) {
      this.#gaps.push(`the unhindered subscriber of ${key} heard of ${version} after ${changes.length}`);
    }
    changes[version - 1] = change;
    this.#byCommand.set(commandName(client, number), change);
  }

  /** What was missed, repeated or out of order, in words. */
  get gaps(): readonly string[] {
    return this.#gaps;
  }

  /** How many changes were heard of, of all keys. */
  get count(): number {
    return this.#byCommand.size;
  }

  /** Of one key, the first one first. */
  of(key: string): readonly Change[] {
    return this.#changes.get(key) ?? [];
  }

  /** What a command changed, if it changed anything. */
  by(client: string, number: number): Change | undefined {
    return this.#byCommand.get(commandName(client, number));
  }
}
