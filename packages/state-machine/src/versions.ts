import { DecoraftError } from '@decoraft/protocol';
import type { StateMachine } from './machine.js';

/** Which versions of its machine a class is, and which it can serve. */
export interface ClassVersions {
  readonly version: number;
  /** The oldest one that it serves by itself. */
  readonly oldest: number;
}

/** @throws DecoraftError `InvalidArgument` for what is no version. */
export function versionsOf(instance: StateMachine): ClassVersions {
  const { name, oldestVersion, version } = instance.constructor as typeof StateMachine;
  if (!isVersion(version)) {
    throw new DecoraftError('InvalidArgument', `${name}.version must be a positive integer`);
  }
  if (isVersion(oldestVersion) && oldestVersion <= version) return { version, oldest: oldestVersion };
  const words = `${name}.oldestVersion must be a positive integer that is not above its version ${version}`;
  throw new DecoraftError('InvalidArgument', words);
}

function isVersion(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0 && (value as number) <= 0xffff_ffff;
}
