import { cmd, event, qry, StateMachine, sub } from 'decoraft';
import type { Data } from './data.js';
import { isSameData } from './same-data.js';

/** A value, and which of its versions it is. */
export interface VersionedValue {
  /** `undefined` where there is none. */
  readonly value: Data | undefined;
  /** How many times it was changed: 0 before the first. Never goes back. */
  readonly version: number;
}

/**
 * One value that all agree on, or none: settings, a pointer, a decision.
 *
 * Called by `ValueClient`. The value is one argument of a command, so its size is limited by the node's (4 MiB, unless
 * settings say otherwise).
 */
export class Value extends StateMachine {
  private value: Data | undefined = undefined;
  private version = 0;

  /** It was set, or cleared. Setting what was there already is a change as well. */
  @sub onChanged = event<() => VersionedValue>();

  /** @returns The value; `undefined` where there is none. */
  @qry get(): Data | undefined {
    return this.value;
  }

  /** @returns The value and its version, as one. */
  @qry getVersioned(): VersionedValue {
    return { value: this.value, version: this.version };
  }

  /** @returns What was there before; `undefined` where nothing was. */
  @cmd set(value: Data): Data | undefined {
    return this.change(value);
  }

  /** @returns What was there before; `undefined` where nothing was: then nothing has changed. */
  @cmd clear(): Data | undefined {
    return this.value === undefined ? undefined : this.change(undefined);
  }

  /**
   * Sets the value if it equals, as data, what is expected.
   *
   * @param expected `undefined`: that there is none.
   * @returns Whether it was set.
   */
  @cmd compareAndSet(expected: Data | undefined, value: Data): boolean {
    if (!isSameData(this.value, expected)) return false;
    this.change(value);
    return true;
  }

  /**
   * Sets the value if nobody has changed it since `version`.
   *
   * @param version As `getVersioned` gave it; 0: that it was never set.
   * @returns The version that it has now; `undefined` where it was not set.
   */
  @cmd setIfVersion(version: number, value: Data): number | undefined {
    if (this.version !== version) return undefined;
    this.change(value);
    return this.version;
  }

  private change(value: Data | undefined): Data | undefined {
    const previous = this.value;
    this.value = value;
    this.version += 1;
    this.onChanged().notify({ value, version: this.version });
    return previous;
  }
}
